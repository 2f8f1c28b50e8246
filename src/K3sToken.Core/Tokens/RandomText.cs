using System;
using System.Security.Cryptography;

namespace K3sToken.Tokens;

/// <summary>Random values for new tokens, from the system's cryptographic generator.</summary>
public static class RandomText
{
    private const string LowerCaseAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string HexDigits = "0123456789abcdef";
    private const int ServerPasswordLength = 32;

    /// <summary>The id of a new bootstrap token: six characters a-z or 0-9.</summary>
    public static string BootstrapId()
    {
        using RandomNumberGenerator source = RandomNumberGenerator.Create();
        return new string(Pick(source, LowerCaseAndDigits, BootstrapTokenText.IdLength));
    }

    /// <summary>The secret of a new bootstrap token: sixteen characters a-z or 0-9.</summary>
    public static Secret BootstrapSecret() => PickSecret(LowerCaseAndDigits, BootstrapTokenText.SecretLength);

    /// <summary>The password of a new server token: sixteen random bytes as 32 lower-case hex digits.</summary>
    public static Secret ServerPassword() => PickSecret(HexDigits, ServerPasswordLength);

    /// <summary>As many characters of the alphabet, each as likely as the next: a byte from the incomplete last turn of the alphabet is
    /// thrown away.</summary>
    internal static char[] Pick(RandomNumberGenerator source, string alphabet, int length)
    {
        int fair = 256 - (256 % alphabet.Length);
        char[] text = new char[length];
        byte[] random = new byte[length];
        int filled = 0;
        while (filled < length)
        {
            source.GetBytes(random);
            foreach (byte b in random)
            {
                if (b < fair && filled < length)
                {
                    text[filled++] = alphabet[b % alphabet.Length];
                }
            }
        }

        Array.Clear(random, 0, random.Length);
        return text;
    }

    private static Secret PickSecret(string alphabet, int length)
    {
        using RandomNumberGenerator source = RandomNumberGenerator.Create();
        char[] text = Pick(source, alphabet, length);
        Secret secret = new(text);
        Array.Clear(text, 0, text.Length);
        return secret;
    }
}
