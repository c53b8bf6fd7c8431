using System.Globalization;
using ActorGrid.Persistence;

namespace Sessions;

/// <summary>Invents what users do: the same from the same seed, except for the command ids.</summary>
/// <param name="options">The load.</param>
/// <param name="firstNumber">The number of the first event, above all that the ledger has used.</param>
/// <param name="time">Dates the command ids.</param>
internal sealed class Traffic(LoadOptions options, long firstNumber, TimeProvider time)
{
    private const int Products = 50;
    private const double PurchaseShare = 0.1;

    private static readonly string[] Pages =
        ["/", "/search", "/cart", "/help", .. Enumerable.Range(1, Products).Select(p => Invariant($"/product/{p}"))];

    private readonly Zipf _sessions = new(options.Sessions, options.Skew);
    private readonly Zipf _pages = new(Pages.Length, options.Skew);
    private readonly Zipf _products = new(Products, options.Skew);
    private readonly Random _random = new(options.Seed);

    // Ids must differ between two runs of one seed, so their chance is not the seed's.
    private readonly Random _idRandom = new();
    private long _number = firstNumber;

    public Planned Next()
    {
        string session = Invariant($"session-{_sessions.Next(_random) + 1}");
        Activity activity = _random.NextDouble() < PurchaseShare
            ? new Purchase(_number, Invariant($"sku-{_products.Next(_random) + 1}"), _random.Next(100, 20_000))
            : new PageView(_number, Pages[_pages.Next(_random)]);
        _number++;
        return new Planned(CommandId.New(time.GetUtcNow(), _idRandom), session, activity);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
