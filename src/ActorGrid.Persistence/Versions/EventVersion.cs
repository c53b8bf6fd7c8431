using System.Globalization;

namespace ActorGrid.Persistence;

/// <summary>What the manifest of an event says: <c>deposited</c> is the first version of that event, <c>deposited@2</c> the second, and so on.</summary>
/// <param name="Name">The name of the event.</param>
/// <param name="Version">From 1 to <see cref="Max"/>.</param>
internal readonly record struct EventVersion(string Name, int Version)
{
    /// <summary>Versions are written by hand, one after the other; a greater number is a slip.</summary>
    public const int Max = 9999;

    private const char Mark = '@';

    /// <summary>Reads a manifest. What does not end as a version does is a name alone: names with a mark in them are older than versions.</summary>
    public static EventVersion Of(string manifest)
    {
        int mark = manifest.LastIndexOf(Mark);
        return mark > 0 && TryRead(manifest.AsSpan(mark + 1), out int version) ? new(manifest[..mark], version) : new(manifest, 1);
    }

    /// <summary>Why an event must not be given this name, or null: it looks like a version and would be read as none.</summary>
    public static string? FaultOf(string manifest)
    {
        int mark = manifest.LastIndexOf(Mark);
        var digits = manifest.AsSpan(mark + 1);
        if (mark < 1 || digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') || TryRead(digits, out _)) return null;
        return $"'{manifest}' is no version of '{manifest[..mark]}': the first is named '{manifest[..mark]}' alone, those after it '{manifest[..mark]}@2' to "
            + string.Create(CultureInfo.InvariantCulture, $"'{manifest[..mark]}@{Max}'.");
    }

    /// <summary>The manifest.</summary>
    public override string ToString() => Version == 1 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}{Mark}{Version}");

    private static bool TryRead(ReadOnlySpan<char> digits, out int version) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version is >= 2 and <= Max && digits[0] != '0';
}
