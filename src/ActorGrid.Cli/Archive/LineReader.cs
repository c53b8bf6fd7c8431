using System.Text.Unicode;

namespace ActorGrid.Cli;

/// <summary>Reads lines of bytes, none longer than a bound. It holds the longest line that it has met lately, and no more.</summary>
internal sealed class LineReader(Stream source, int bytesMax)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start, _end;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Reads a line, without its end.</summary>
    /// <returns>The line, valid until the next is read; null if there is none.</returns>
    /// <exception cref="InvalidDataException">It is too long, or not UTF-8.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        Number++;
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan((_start + searched).._end).IndexOf((byte)'\n');
            searched = length >= 0 ? searched + length : _end - _start;
            if (searched > bytesMax) throw new InvalidDataException(FormattableString.Invariant($"this line has more than {bytesMax:N0} bytes, and none that was exported has."));
            if (length >= 0) return Take(searched, withEnd: true);
            MakeRoom();
            int read = await source.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read > 0)
            {
                _end += read;
                continue;
            }
            if (searched > 0) return Take(searched, withEnd: false);
            Number--;
            return null;
        }
    }

    private ReadOnlyMemory<byte> Take(int length, bool withEnd)
    {
        var line = _buffer.AsMemory(_start, length);
        _start += withEnd ? length + 1 : length;
        // A reader of JSON would let some of it pass, and put other characters in its place.
        return Utf8.IsValid(line.Span) ? line : throw new InvalidDataException("this line is not UTF-8, and all that was exported is: was the file changed, or written in another encoding?");
    }

    /// <summary>Grows only as a line does that is really there.</summary>
    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
