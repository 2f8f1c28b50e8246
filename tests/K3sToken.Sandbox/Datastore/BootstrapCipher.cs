using System;
using System.Security.Cryptography;
using System.Text;

namespace K3sToken.Sandboxing.Datastore;

/// <summary>Encrypts what servers share in the datastore with the password of their token.</summary>
public static class BootstrapCipher
{
    private const int Rounds = 4096;
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int SaltLength = 16;

    /// <summary>The key under which the data stands that a password encrypts.</summary>
    public static string KeyOf(string password) => "/bootstrap/" + HashOf(password);

    /// <summary>The 12 hexadecimal digits by which a snapshot names its token.</summary>
    public static string HashOf(string password) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)))[..12];

    /// <summary>Encrypts with a new salt and nonce.</summary>
    public static string Encrypt(string password, ReadOnlySpan<byte> plain) => Encrypt(
        password,
        plain,
        RandomNumberGenerator.GetHexString(SaltLength, lowercase: true),
        RandomNumberGenerator.GetBytes(NonceLength));

    /// <summary>The plain data; null where the password is not the one that it was encrypted with.</summary>
    public static byte[]? Decrypt(string password, string value)
    {
        string[] parts = value.Split(':');
        byte[] data = parts.Length == 2 ? Convert.FromBase64String(parts[1]) : [];
        if (data.Length < NonceLength + TagLength)
        {
            return null;
        }

        byte[] plain = new byte[data.Length - NonceLength - TagLength];
        using AesGcm cipher = new(DerivedKey(password, parts[0]), TagLength);
        try
        {
            cipher.Decrypt(data.AsSpan(0, NonceLength), data.AsSpan(NonceLength, plain.Length), data.AsSpan(^TagLength), plain);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    internal static string Encrypt(string password, ReadOnlySpan<byte> plain, string salt, byte[] nonce)
    {
        byte[] data = new byte[NonceLength + plain.Length + TagLength];
        nonce.CopyTo(data, 0);
        using AesGcm cipher = new(DerivedKey(password, salt), TagLength);
        cipher.Encrypt(nonce, plain, data.AsSpan(NonceLength, plain.Length), data.AsSpan(^TagLength));
        return salt + ":" + Convert.ToBase64String(data);
    }

#pragma warning disable CA5379 // K3s derives the key so.
    internal static byte[] DerivedKey(string password, string salt) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(password),
        Encoding.ASCII.GetBytes(salt),
        Rounds,
        HashAlgorithmName.SHA1,
        KeyLength);
#pragma warning restore CA5379
}
