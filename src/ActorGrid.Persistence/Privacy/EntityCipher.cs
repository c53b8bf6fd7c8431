using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// Encrypts what one entity stores: AES-256-GCM, with a nonce made of what is encrypted and where it stands (see decision 0018). So the same payload at the same place gives the same bytes, and
/// needs no source of chance; any other gets another nonce.
/// </summary>
/// <remarks>Immutable, safe to use from any thread.</remarks>
internal sealed class EntityCipher
{
    private readonly byte[] _encryptionKey = new byte[32], _nonceKey = new byte[32];
    private readonly byte[] _keyName = new byte[EncryptedPayload.KeyNameBytes];

    /// <summary>What all that is authenticated begins with.</summary>
    private readonly byte[] _entity;

    public EntityCipher(EntityId entity, EntityKey key)
    {
        Derive(key, "ActorGrid entity payload 1: encryption"u8, _encryptionKey);
        Derive(key, "ActorGrid entity payload 1: nonce"u8, _nonceKey);
        Derive(key, "ActorGrid entity payload 1: name"u8, _keyName);
        var output = new ArrayBufferWriter<byte>(256);
        output.Write(EncryptedPayload.Mark);
        output.Write([EncryptedPayload.Version]);
        PayloadPlace.Write(entity.Type, output);
        PayloadPlace.Write(entity.Key, output);
        _entity = output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a payload in the form that is stored.</summary>
    public void Encrypt(ReadOnlySpan<byte> clear, in PayloadPlace place, IBufferWriter<byte> output)
    {
        var associated = Associated(place);
        try
        {
            int length = EncryptedPayload.OverheadBytes + clear.Length;
            var stored = output.GetSpan(length)[..length];
            EncryptedPayload.Mark.CopyTo(stored);
            stored[EncryptedPayload.VersionAt] = EncryptedPayload.Version;
            _keyName.CopyTo(stored[EncryptedPayload.KeyNameAt..]);
            var nonce = stored.Slice(EncryptedPayload.NonceAt, EncryptedPayload.NonceBytes);
            MakeNonce(associated.WrittenSpan, clear, nonce);
            // One for each call: it holds memory of the operating system's library, which an entity that leaves memory would have to give back.
            using var aes = new AesGcm(_encryptionKey, EncryptedPayload.TagBytes);
            aes.Encrypt(nonce, clear, stored[EncryptedPayload.OverheadBytes..], stored.Slice(EncryptedPayload.TagAt, EncryptedPayload.TagBytes), associated.WrittenSpan);
            output.Advance(length);
        }
        finally
        {
            ScratchBuffer.Return(associated);
        }
    }

    /// <summary>Reads a payload that <see cref="EncryptedPayload.IsEncrypted"/>.</summary>
    /// <exception cref="CodecException">It is of another key or of a newer form, or it was changed or moved.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> stored, in PayloadPlace place)
    {
        if (stored.Length < EncryptedPayload.OverheadBytes) throw new CodecException($"It is encrypted and damaged: it has {stored.Length} bytes, fewer than any encrypted payload.");
        byte version = stored[EncryptedPayload.VersionAt];
        if (version != EncryptedPayload.Version)
        {
            throw new CodecException($"It is encrypted in version {version} of the form, and this version of ActorGrid reads {EncryptedPayload.Version}.");
        }
        var keyName = stored.Slice(EncryptedPayload.KeyNameAt, EncryptedPayload.KeyNameBytes);
        if (!keyName.SequenceEqual(_keyName))
        {
            throw new CodecException(
                $"It is encrypted with the key named {Convert.ToHexStringLower(keyName)}, and the key store holds the one named {Convert.ToHexStringLower(_keyName)}: bring back the right key.");
        }
        byte[] clear = new byte[stored.Length - EncryptedPayload.OverheadBytes];
        var associated = Associated(place);
        try
        {
            using var aes = new AesGcm(_encryptionKey, EncryptedPayload.TagBytes);
            aes.Decrypt(
                stored.Slice(EncryptedPayload.NonceAt, EncryptedPayload.NonceBytes), stored[EncryptedPayload.OverheadBytes..],
                stored.Slice(EncryptedPayload.TagAt, EncryptedPayload.TagBytes), clear, associated.WrittenSpan);
            return clear;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new CodecException("It is encrypted with the right key, but was not written as it stands there: it was changed, or moved from another place.", e);
        }
        finally
        {
            ScratchBuffer.Return(associated);
        }
    }

    private ArrayBufferWriter<byte> Associated(in PayloadPlace place)
    {
        var buffer = ScratchBuffer.Rent();
        buffer.Write(_entity);
        place.Write(buffer);
        return buffer;
    }

    private void MakeNonce(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> clear, Span<byte> nonce)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, associated.Length);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _nonceKey);
        hmac.AppendData(length);
        hmac.AppendData(associated);
        hmac.AppendData(clear);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        hmac.GetHashAndReset(hash);
        hash[..EncryptedPayload.NonceBytes].CopyTo(nonce);
    }

    private static void Derive(EntityKey key, ReadOnlySpan<byte> purpose, Span<byte> output) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, output, salt: [], purpose);
}
