using System.Text.Json;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>An entity that is spoiled again and again, asked meanwhile, and repaired from anywhere, while its owner dies or stands still.</summary>
internal sealed class Mishaps
{
    private readonly SimulatedGrid _grid;
    private readonly SeededRandom _draw;
    private readonly EntityId _entity;
    private readonly LedgerHistory _numbers;
    private readonly RepairHistory _repairs;
    private int _last;

    public Mishaps(SimulatedGrid grid, SeededRandom draw, string key = "f")
    {
        _grid = grid;
        _draw = draw;
        _entity = EntityId.Create("fragile", key);
        _numbers = new LedgerHistory(_entity);
        _repairs = new RepairHistory(_entity);
        grid.World.Database!.Observers.Add(_repairs);
    }

    /// <summary>How often somebody was told that it is quarantined.</summary>
    public int Refusals { get; private set; }

    /// <summary>How many repairs are recorded.</summary>
    public int Repairs => _repairs.Recorded;

    /// <summary>Writes and reads from anywhere, until the time is up.</summary>
    public async Task CallAsync(TimeSpan until)
    {
        while (_grid.Elapsed < until)
        {
            await _grid.DelayAsync(_draw.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(200)));
            if (_draw.Chance(0.5)) await WriteAsync(number => new Put(number));
            else await ShowAsync();
        }
    }

    /// <summary>Spoils it, and mends what is found to be quarantined, until the time is up.</summary>
    public async Task MendAsync(TimeSpan until)
    {
        while (_grid.Elapsed < until)
        {
            await _grid.DelayAsync(_draw.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(800)));
            await WriteAsync(number => new Spoil(number));
            // It shows when somebody recovers it.
            if (_draw.Chance(0.7)) Strike();
            for (int i = 0; i < 20 && _grid.Elapsed < until && !await ShowAsync(); i++)
            {
                await RepairAsync();
                await _grid.DelayAsync(_draw.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(300)));
            }
        }
    }

    /// <summary>On a grid that is whole: it can be repaired, holds all that was acknowledged, and so it does for whoever recovers it next.</summary>
    public async Task CheckAsync(int takeOvers = 1)
    {
        int[] numbers = await MendedAsync();
        _numbers.Check(numbers);
        for (int i = 0; i < takeOvers; i++)
        {
            // Not by a hand-over: from the journal.
            var owner = _grid.OwnerOf<Fragile>(_entity.Key);
            owner?.Kill();
            owner?.BeginStart();
            await _grid.CalmAsync();
            int[] again = await MendedAsync();
            if (!again.SequenceEqual(numbers)) throw new PromiseBrokenException($"{_entity} is [{string.Join(", ", numbers)}] on one node and [{string.Join(", ", again)}] on the next.", entity: _entity);
        }
        var past = await PastAsync();
        if (!past.State.SequenceEqual(numbers)) throw new PromiseBrokenException($"{_entity} is [{string.Join(", ", numbers)}], and its history says [{string.Join(", ", past.State)}].", entity: _entity);
    }

    /// <summary>From a key store that fails now and then, perhaps.</summary>
    private async Task<PastState<int[]>> PastAsync()
    {
        while (true)
        {
            try
            {
                return await _grid.History<Fragile>(_entity.Key).StateAtAsync<int[]>(DateTimeOffset.MaxValue);
            }
            catch (TimeoutException)
            {
                await _grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private async Task<int[]> MendedAsync()
    {
        var until = _grid.Elapsed + TimeSpan.FromMinutes(1);
        while (!await ShowAsync(_grid.Clients[0]))
        {
            if (_grid.Elapsed > until) throw new PromiseBrokenException($"{_entity} is not repaired a minute after the faults have ceased.", entity: _entity);
            await RepairAsync(_grid.Clients[0]);
            await _grid.DelayAsync(TimeSpan.FromMilliseconds(100));
        }
        return await _grid.Entity<Fragile>(_entity.Key).AskAsync(new Show());
    }

    private async Task WriteAsync(Func<int, ICommand<Fragile, int>> command)
    {
        int number = ++_last, known = _numbers.Known;
        _numbers.Sent(number);
        var id = CommandId.New(_grid.Time.GetUtcNow(), _draw);
        bool isUnknown = false;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            var (place, error) = await AskAsync(AnyNode(), command(number), id);
            if (error is null)
            {
                _numbers.Acknowledge(number, place, known);
                return;
            }
            if (error is QuarantinedException) _repairs.Refused(id);
            isUnknown |= error is QuarantinedException || IsUnknown(error);
        }
        if (!isUnknown) _numbers.NotWritten(number);
    }

    /// <summary>Whether it answers, or cannot say whether it would.</summary>
    private async Task<bool> ShowAsync(SimulatedNode? from = null)
    {
        int known = _numbers.Known;
        var (numbers, error) = await AskAsync(from ?? AnyNode(), new Show());
        if (error is null) _numbers.Listed(numbers!, known);
        if (from is not null) return error is null;
        return error is not QuarantinedException;
    }

    private async Task RepairAsync(SimulatedNode? from = null)
    {
        if (await NextRepairAsync() is not { } repair) return;
        var id = CommandId.New(_grid.Time.GetUtcNow(), _draw);
        _repairs.Sent(id);
        if (from is null && _draw.Chance(0.5)) _grid.World.After(_draw.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(20)), Strike);
        for (int attempt = 0; attempt < 4; attempt++)
        {
            var (receipt, error) = await AskAsync(from ?? AnyNode(), new RepairEntity<Fragile>(repair), id);
            if (receipt is not null) _repairs.Acknowledge(id, receipt);
            if (error is CommandRejectedException) _repairs.NotRecorded(id);
            // Some senders send what was answered again.
            if (receipt is not null && _draw.Chance(0.8)) return;
            if (error is CommandRejectedException && _draw.Chance(0.8)) return;
        }
    }

    /// <summary>Each event that cannot be read and that no snapshot is above becomes one that can be; null: there is none, or the key store does not say.</summary>
    private async Task<Repair?> NextRepairAsync()
    {
        var type = _grid.Clients[0].Current!.Grid.TypeOf<Fragile>();
        var page = (await _grid.World.Database!.Memory.Journal.ReadEntitiesAsync([new EntityRead(_entity, null, int.MaxValue)], default))[0];
        Repair? repair = null;
        try
        {
            var cipher = await type.FindCipherAsync(_entity, default);
            foreach (var e in page.Events.Select(stored => stored.Event).Where(e => e.Manifest == "spoiled"))
            {
                using var json = JsonDocument.Parse(type.Decrypt(e, cipher).Payload);
                repair = (repair ?? new Repair("the script", "It was spoiled.")).Replace(e.Sequence, "kept", json.RootElement.GetRawText());
            }
        }
        catch (TimeoutException)
        {
            return null;
        }
        return repair;
    }

    /// <summary>The owner dies, or stands still for longer than its lease.</summary>
    private void Strike()
    {
        if (_grid.OwnerOf<Fragile>(_entity.Key) is not { IsRunning: true } owner) return;
        if (_draw.Chance(0.3))
        {
            owner.Pause(_draw.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(6)));
            return;
        }
        owner.Kill();
        _grid.World.After(TimeSpan.FromMilliseconds(_draw.Next(20, 1000)), owner.BeginStart);
    }

    private SimulatedNode AnyNode()
    {
        int pick = _draw.Next(_grid.Nodes.Count + 1);
        return pick == _grid.Nodes.Count ? _grid.Clients[0] : _grid.Nodes[pick];
    }

    private async Task<(TReply? Reply, Exception? Error)> AskAsync<TReply>(SimulatedNode from, ICommand<Fragile, TReply> command, CommandId? id = null)
        where TReply : notnull
    {
        if (from.Current is null) return (default, new OverloadedException(_entity.ToString(), "nodes that run", 1, "none", TimeSpan.FromMilliseconds(1)));
        try
        {
            var options = new AskOptions { CommandId = id, Timeout = TimeSpan.FromMilliseconds(_draw.Next(200, 5000)) };
            return (await _grid.Entity<Fragile>(_entity.Key, from).AskAsync(command, options), null);
        }
        catch (Exception e) when (e is OverloadedException or StoreException or CommandRejectedException or QuarantinedException || IsUnknown(e))
        {
            if (e is QuarantinedException) Refusals++;
            return (default, e);
        }
    }

    private static bool IsUnknown(Exception e) => e is AskTimeoutException or OwnershipLostException or SystemStoppedException or ProcessDiedException;
}
