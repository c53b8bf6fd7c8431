using System.Buffers;
using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence.Tests;

public sealed class EntityCipherTests
{
    private static readonly EntityId A = EntityId.Create("patient", "a");
    private static readonly PayloadPlace Here = PayloadPlace.Event(7, "named", 1234);
    private readonly EntityCipher _cipher = new(A, Key(1));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void What_goes_in_comes_out_and_does_not_show(int length)
    {
        byte[] clear = Encoding.UTF8.GetBytes(new string('x', length));
        byte[] stored = Encrypt(clear, Here);
        Assert.True(EncryptedPayload.IsEncrypted(stored));
        Assert.Equal(length + EncryptedPayload.OverheadBytes, stored.Length);
        Assert.Equal(clear, _cipher.Decrypt(stored, Here));
        if (length > 3) Assert.Equal(-1, stored.AsSpan().IndexOf("xxxx"u8));
    }

    [Fact]
    public void The_same_at_the_same_place_gives_the_same_bytes_and_anything_else_another_nonce()
    {
        Assert.Equal(Encrypt("one"u8, Here), Encrypt("one"u8, Here));
        byte[][] all =
        [
            Encrypt("one"u8, Here), Encrypt("two"u8, Here), Encrypt("one"u8, PayloadPlace.Event(8, "named", 1234)), Encrypt("one"u8, PayloadPlace.Event(7, "named", 1235)),
            Encrypt("one"u8, PayloadPlace.Event(7, "renamed", 1234)), new EntityCipher(EntityId.Create("patient", "b"), Key(1)) is var other ? Encrypt("one"u8, Here, other) : [],
        ];
        Assert.Equal(all.Length, all.Select(NonceOf).Distinct(StringComparer.Ordinal).Count());
    }

    public static TheoryData<string> OtherPlaces => [.. Places.Keys];

    private static readonly Dictionary<string, PayloadPlace> Places = new(StringComparer.Ordinal)
    {
        ["another number"] = PayloadPlace.Event(8, "named", 1234),
        ["another name"] = PayloadPlace.Event(7, "named2", 1234),
        ["another time"] = PayloadPlace.Event(7, "named", 1235),
        ["a snapshot"] = PayloadPlace.Snapshot(7, new Epoch(1, 0), 1234),
        ["a timer"] = PayloadPlace.Timer("named", 7, 1234, ""),
        ["an attachment"] = PayloadPlace.Attachment("named"),
    };

    [Theory]
    [MemberData(nameof(OtherPlaces))]
    public void A_payload_that_was_moved_is_not_read(string place)
    {
        var e = Assert.Throws<CodecException>(() => _cipher.Decrypt(Encrypt("one"u8, Here), Places[place]));
        Assert.Contains("moved from another place", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_of_another_entity_under_the_same_key_is_not_read() =>
        Assert.Throws<CodecException>(() => new EntityCipher(EntityId.Create("patient", "b"), Key(1)).Decrypt(Encrypt("one"u8, Here), Here));

    [Fact]
    public void Any_byte_that_is_changed_or_missing_is_found()
    {
        byte[] stored = Encrypt("some words"u8, Here);
        for (int i = EncryptedPayload.VersionAt; i < stored.Length; i++)
        {
            byte[] changed = [.. stored];
            changed[i] ^= 1;
            Assert.Throws<CodecException>(() => _cipher.Decrypt(changed, Here));
            Assert.Throws<CodecException>(() => _cipher.Decrypt(stored.AsSpan(0, i), Here));
        }
    }

    [Fact]
    public void Another_key_and_a_newer_form_are_named()
    {
        byte[] stored = Encrypt("one"u8, Here);
        var e = Assert.Throws<CodecException>(() => new EntityCipher(A, Key(2)).Decrypt(stored, Here));
        Assert.Contains("bring back the right key", e.Message, StringComparison.Ordinal);
        stored[EncryptedPayload.VersionAt] = 2;
        e = Assert.Throws<CodecException>(() => _cipher.Decrypt(stored, Here));
        Assert.Contains("version 2", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Stored rows have to be readable for ever: whatever changes this changes the form. The bytes were worked out by another program.</summary>
    [Fact]
    public void The_form_stays_as_it_is() => Assert.Equal(
        Golden, Convert.ToHexStringLower(Encrypt("""{"Name":"Ann"}"""u8, PayloadPlace.Event(1, "named", 1_700_000_000_000))));

    private const string Golden =
        "0041477365616c01d75927a269e5d7aa15b0585b5a58fd1be4400fec9fdc12c8a580ca62b4fefe99121869d7fef8494aecf62a925933fcea25ea";

    [Fact]
    public void A_key_is_32_bytes_that_are_not_all_zero_and_does_not_show()
    {
        Assert.Throws<ArgumentException>(() => EntityKey.Of(new byte[31]));
        Assert.Throws<ArgumentException>(() => EntityKey.Of(new byte[32]));
        Assert.Equal("a key", Key(1).ToString());
    }

    internal static EntityKey Key(byte first) => EntityKey.Of([first, .. new byte[31]]);

    private byte[] Encrypt(ReadOnlySpan<byte> clear, PayloadPlace place, EntityCipher? cipher = null)
    {
        var output = new ArrayBufferWriter<byte>();
        (cipher ?? _cipher).Encrypt(clear, place, output);
        return output.WrittenSpan.ToArray();
    }

    private static string NonceOf(byte[] stored) => Convert.ToHexString(stored.AsSpan(EncryptedPayload.NonceAt, EncryptedPayload.NonceBytes));
}
