using System.Globalization;
using System.Text.Json;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>The fields of a line, in the order in which they have to be there, and no others.</summary>
/// <remarks>What is wrong with the JSON itself is a <see cref="JsonException"/>, what is wrong with a value a <see cref="FormatException"/> or an <see cref="InvalidOperationException"/>.</remarks>
internal ref struct LineFields
{
    // Around a payload that is as deep as a reader takes by default stands the line.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    private readonly ReadOnlySpan<byte> _line;
    private Utf8JsonReader _json;

    public LineFields(ReadOnlySpan<byte> line)
    {
        _line = line;
        _json = new Utf8JsonReader(line, Options);
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject) throw new FormatException("it is no object.");
    }

    public string Text(string name)
    {
        Value(name, JsonTokenType.String);
        return _json.GetString()!;
    }

    /// <summary>The same, where neighbouring lines mostly have the same text.</summary>
    public string Text(string name, ref string last)
    {
        Value(name, JsonTokenType.String);
        return _json.ValueTextEquals(last) ? last : last = _json.GetString()!;
    }

    public long Number(string name)
    {
        Value(name, JsonTokenType.Number);
        return _json.GetInt64();
    }

    /// <summary>A number that is left out where it is 0.</summary>
    public long NumberIfThere(string name)
    {
        var ahead = _json;
        if (!ahead.Read() || ahead.TokenType != JsonTokenType.PropertyName || !ahead.ValueTextEquals(name)) return 0;
        return Number(name) is not 0 and var number ? number : throw new FormatException($"'{name}' is 0, and is left out then.");
    }

    public int Int(string name)
    {
        Value(name, JsonTokenType.Number);
        return _json.GetInt32();
    }

    public Guid Guid(string name)
    {
        Value(name, JsonTokenType.String);
        return _json.GetGuid();
    }

    public CommandId Command(string name) => CommandId.Parse(Text(name));

    /// <summary>Written again, it has to be the same text.</summary>
    public Epoch Epoch(string name, ref (string Text, Epoch Epoch) last)
    {
        Value(name, JsonTokenType.String);
        if (_json.ValueTextEquals(last.Text)) return last.Epoch;
        string text = _json.GetString()!;
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && long.TryParse(text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out long term)
            && int.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int generation) && new Epoch(term, generation) is var epoch && epoch.ToString() == text)
        {
            last = (text, epoch);
            return epoch;
        }
        throw new FormatException($"'{text}' is no epoch: there are a term, a dot and a generation in one.");
    }

    /// <summary>A time to the millisecond.</summary>
    public long Time(string name)
    {
        Property(name);
        _json.Read();
        if (_json.TokenType == JsonTokenType.Number) return _json.GetInt64();
        if (_json.TokenType != JsonTokenType.String) throw Unexpected(name);
        var time = _json.GetDateTimeOffset();
        return time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? time.ToUnixTimeMilliseconds() : throw new FormatException($"'{name}' has more than milliseconds.");
    }

    /// <summary>The bytes of a payload in any of its forms.</summary>
    public byte[] Payload()
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.PropertyName) throw Missing("json");
        if (_json.ValueTextEquals("json"u8))
        {
            _json.Read();
            int start = (int)_json.TokenStartIndex;
            _json.Skip();
            return _line[start..(int)_json.BytesConsumed].ToArray();
        }
        if (_json.ValueTextEquals("text"u8))
        {
            Require(JsonTokenType.String, "text");
            byte[] text = new byte[_json.ValueSpan.Length];
            int length = _json.CopyString(text);
            return length == text.Length ? text : text[..length];
        }
        if (!_json.ValueTextEquals("base64"u8)) throw Missing("json");
        Require(JsonTokenType.String, "base64");
        return _json.GetBytesFromBase64();
    }

    /// <summary>There is nothing more.</summary>
    public void End()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.PropertyName) throw new FormatException($"it has a field '{_json.GetString()}', which this version does not know, or which stands elsewhere.");
        if (_json.Read()) throw new FormatException("there is something behind the object.");
    }

    private void Value(string name, JsonTokenType type)
    {
        Property(name);
        Require(type, name);
    }

    private void Property(string name)
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.PropertyName || !_json.ValueTextEquals(name)) throw Missing(name);
    }

    private void Require(JsonTokenType type, string name)
    {
        if (!_json.Read() || _json.TokenType != type) throw Unexpected(name);
    }

    private readonly FormatException Missing(string name) => new(
        $"'{name}' should be its next field, and {(_json.TokenType == JsonTokenType.PropertyName ? $"'{_json.GetString()}'" : "nothing")} is.");

    private readonly FormatException Unexpected(string name) => new($"'{name}' cannot be {_json.TokenType switch { JsonTokenType.Number => "a number", JsonTokenType.String => "a text", _ => "that" }}.");
}
