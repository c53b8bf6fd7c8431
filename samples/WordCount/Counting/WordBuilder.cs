using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace WordCount;

/// <summary>
/// The careful way from bytes to words: one rune at a time, in pieces of any size, whatever the bytes are. Holds the word and the rune
/// that the bytes seen so far have begun, so its memory is bounded by <see cref="WordTable.WordBytesMax"/>.
/// </summary>
internal sealed class WordBuilder(WordTable table)
{
    private readonly byte[] _word = new byte[WordTable.WordBytesMax];
    private int _length;
    private bool _cut;
    private bool _discard;

    private readonly byte[] _rune = new byte[4];
    private int _runeLength;

    /// <summary>Whether the word that comes next, or has begun, may still grow into one that this side has to count.</summary>
    public bool AwaitsMore => !_discard && !_cut && (_length > 0 || _runeLength > 0);

    /// <summary>The word that the next bytes begin with is not to be counted.</summary>
    public void DiscardFirst()
    {
        Debug.Assert(_length == 0 && _runeLength == 0, "Only at the start of a slice.");
        _discard = true;
    }

    /// <summary>Takes all the bytes.</summary>
    public void Feed(ReadOnlySpan<byte> bytes) => Take(bytes, toFirstEnd: false);

    /// <summary>Takes bytes only until the word in hand, if any, has ended. True when it has.</summary>
    public bool FeedToEnd(ReadOnlySpan<byte> bytes) => Take(bytes, toFirstEnd: true);

    /// <summary>What follows is no letter: the word in hand ends, and an unfinished rune was never one.</summary>
    public void End()
    {
        _runeLength = 0;
        EndWord();
    }

    private bool Take(ReadOnlySpan<byte> bytes, bool toFirstEnd)
    {
        while (!bytes.IsEmpty)
        {
            int taken = TakeRune(bytes, out bool letter);
            bytes = bytes[taken..];
            if (toFirstEnd && (!letter || _cut))
            {
                EndWord();
                return true;
            }
        }

        return toFirstEnd && !AwaitsMore;
    }

    /// <summary>Takes one rune, or the part of one that is there; gives how many of these bytes it took.</summary>
    private int TakeRune(ReadOnlySpan<byte> bytes, out bool letter)
    {
        if (_runeLength > 0)
            return TakeRestOfRune(bytes, out letter);

        byte first = bytes[0];
        if (first < 0x80)
        {
            if (letter = char.IsAsciiLetter((char)first))
                Append((byte)(first | 0x20));
            else
                EndWord();
            return 1;
        }

        OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int taken);
        if (status == OperationStatus.NeedMoreData)
        {
            bytes.CopyTo(_rune);
            _runeLength = bytes.Length;
            letter = true;                                   // not known yet, so nothing ends here
            return bytes.Length;
        }

        letter = status == OperationStatus.Done && TakeLetter(rune);
        if (!letter)
            EndWord();
        return taken;
    }

    private int TakeRestOfRune(ReadOnlySpan<byte> bytes, out bool letter)
    {
        for (int taken = 0; taken < bytes.Length;)
        {
            _rune[_runeLength++] = bytes[taken++];
            OperationStatus status = Rune.DecodeFromUtf8(_rune.AsSpan(0, _runeLength), out Rune rune, out _);
            if (status == OperationStatus.NeedMoreData)
                continue;
            _runeLength = 0;
            letter = status == OperationStatus.Done && TakeLetter(rune);
            if (!letter)
                EndWord();
            // The byte that makes a rune invalid is not part of it: it may begin the next one.
            return status == OperationStatus.Done ? taken : taken - 1;
        }

        letter = true;
        return bytes.Length;
    }

    private bool TakeLetter(Rune rune)
    {
        if (!Letters.TryFold(rune, out Rune folded))
            return false;
        Span<byte> utf8 = stackalloc byte[4];
        int length = folded.EncodeToUtf8(utf8);
        if (_cut |= _length + length > _word.Length)
            return true;
        utf8[..length].CopyTo(_word.AsSpan(_length));
        _length += length;
        return true;
    }

    private void Append(byte letter)
    {
        if (_cut |= _length == _word.Length)
            return;
        _word[_length++] = letter;
    }

    private void EndWord()
    {
        if (_length == 0)
            return;
        if (!_discard)
        {
            table.Add(_word.AsSpan(0, _length));
            if (_cut)
                table.CutWords++;
        }

        _length = 0;
        _cut = _discard = false;
    }
}
