using System;
using System.Text.Json;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>What an exec plugin hands out: a bearer token, a client certificate with its key, or both.</summary>
internal sealed class ExecCredential : IDisposable
{
    /// <summary>A bearer token.</summary>
    public Secret? Token { get; private set; }

    /// <summary>Client certificates, PEM.</summary>
    public byte[]? ClientCertificate { get; private set; }

    /// <summary>The private key of the certificate, PEM.</summary>
    public byte[]? ClientKey { get; private set; }

    /// <summary>When the credential expires; null where the plugin does not say.</summary>
    public DateTimeOffset? Expires { get; private set; }

    /// <summary>Reads a plugin's answer.</summary>
    /// <param name="json">What it wrote, UTF-8.</param>
    /// <param name="apiVersion">The version that it must answer in.</param>
    /// <exception cref="FormatException">It is no such answer. The message says why and quotes nothing of it.</exception>
    public static ExecCredential Parse(ReadOnlySpan<byte> json, string apiVersion)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        ExecCredential credential = new();
        try
        {
            credential.Read(new Utf8JsonReader(json.StartsWith(byteOrderMark) ? json.Slice(3) : json), apiVersion);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // Their texts quote the JSON.
            throw new FormatException("its output is not an ExecCredential in JSON");
        }

        if (credential.Token is null && credential.ClientCertificate is null && credential.ClientKey is null)
        {
            throw new FormatException("it answered with neither a token nor a client certificate");
        }

        return (credential.ClientCertificate is null) == (credential.ClientKey is null)
            ? credential
            : throw new FormatException("it answered with only one of client certificate and key");
    }

    /// <summary>Zeroes the token and the private key.</summary>
    public void Dispose()
    {
        Token?.Dispose();
        Array.Clear(ClientKey ?? [], 0, ClientKey?.Length ?? 0);
    }

    private void Read(Utf8JsonReader reader, string apiVersion)
    {
        bool isCredential = false;
        bool isVersion = false;
        reader.Read();
        ThrowUnlessObject(reader);
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("kind"u8))
            {
                isCredential = reader.Read() && reader.ValueTextEquals("ExecCredential"u8);
            }
            else if (reader.ValueTextEquals("apiVersion"u8))
            {
                isVersion = reader.Read() && reader.ValueTextEquals(apiVersion);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                ReadStatus(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if (reader.Read() || !isCredential)
        {
            throw new JsonException();
        }

        if (!isVersion)
        {
            throw new FormatException($"it did not answer in {apiVersion}, the apiVersion that the kubeconfig asks for");
        }
    }

    private void ReadStatus(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        ThrowUnlessObject(reader);
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("token"u8))
            {
                Token = ReadToken(ref reader);
            }
            else if (reader.ValueTextEquals("clientCertificateData"u8))
            {
                ClientCertificate = ReadBytes(ref reader);
            }
            else if (reader.ValueTextEquals("clientKeyData"u8))
            {
                ClientKey = ReadBytes(ref reader);
            }
            else if (reader.ValueTextEquals("expirationTimestamp"u8))
            {
                Expires = ReadTime(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ThrowUnlessObject(in Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }
    }

    // True on a property's name; false on the object's end.
    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static Secret? ReadToken(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        char[] text = new char[reader.ValueSpan.Length];
        try
        {
            int length = reader.CopyString(text);
            ReadOnlySpan<char> token = text.AsSpan(0, length);
            return BearerToken.IsWellFormed(token)
                ? length == 0 ? null : new Secret(token)
                : throw new FormatException("its token holds a space, a line break or another character that no token has");
        }
        finally
        {
            Array.Clear(text, 0, text.Length);
        }
    }

    private static byte[]? ReadBytes(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        byte[] text = new byte[reader.ValueSpan.Length];
        int length = reader.CopyString(text);
        byte[]? bytes = length == 0 ? null : text.AsSpan(0, length).ToArray();
        Array.Clear(text, 0, text.Length);
        return bytes;
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        return reader.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time
            : throw new FormatException("its expirationTimestamp is not a time in RFC 3339 form");
    }
}
