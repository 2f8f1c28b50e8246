using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// Reads a Secret from JSON. What is not needed is skipped unread; a field of an unexpected type counts as absent, so that one odd Secret
/// ends no listing.
/// </summary>
internal static class SecretReader
{
    /// <summary>Reads the Secret that is the whole body.</summary>
    /// <exception cref="InvalidDataException">The body is no Secret; the message says why and quotes nothing of it.</exception>
    public static Task<SecretResource> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        ResponseBody.ReadJsonAsync(response, ResponseBody.MostObjectBytes, Read, cancellation);

    /// <summary>Reads the Secret whose opening brace was read last; false if it does not end within the data.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, out SecretResource secret) => TryRead(ref reader, out secret, out _);

    /// <summary>The string that was read last; empty if it is none.</summary>
    public static string Text(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : "";

    private static SecretResource Read(ReadOnlyMemory<byte> body)
    {
        Utf8JsonReader reader = new(body.Span, new JsonReaderOptions { MaxDepth = ResponseBody.MostDepth });
        return reader.Read()
            && reader.TokenType == JsonTokenType.StartObject
            && TryRead(ref reader, out SecretResource secret, out string kind)
            && !reader.Read()
            && kind == "Secret"
            && secret.Name.Length > 0
                ? secret
                : throw new InvalidDataException("it is JSON, but no Secret");
    }

    private static bool TryRead(ref Utf8JsonReader reader, out SecretResource secret, out string kind)
    {
        Metadata metadata = new();
        List<KeyValuePair<string, byte[]>> data = [];
        string type = "";
        kind = "";
        secret = null!;
        while (NextProperty(ref reader, out bool ended))
        {
            if (ended)
            {
                secret = metadata.ToSecret(type, data);
                return true;
            }

            bool complete;
            if (reader.ValueTextEquals("metadata"u8))
            {
                complete = reader.Read() && metadata.TryRead(ref reader);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                complete = reader.Read() && TryReadData(ref reader, data);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                complete = reader.Read() && TryReadText(ref reader, out type);
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                complete = reader.Read() && TryReadText(ref reader, out kind);
            }
            else
            {
                complete = reader.Read() && reader.TrySkip();
            }

            if (!complete)
            {
                return false;
            }
        }

        return false;
    }

    private static bool TryReadData(ref Utf8JsonReader reader, List<KeyValuePair<string, byte[]>> data)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.TrySkip();
        }

        while (NextProperty(ref reader, out bool ended))
        {
            if (ended)
            {
                return true;
            }

            string key = KeyName(ref reader);
            if (!reader.Read())
            {
                return false;
            }

            // The server writes null for a value of no bytes.
            byte[] value = reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : [];
            data.Add(new KeyValuePair<string, byte[]>(key, value));
            if (!reader.TrySkip())
            {
                return false;
            }
        }

        return false;
    }

    // The keys of bootstrap tokens come thousands of times: one string for each serves them all.
    private static string KeyName(ref Utf8JsonReader reader) => true switch
    {
        _ when reader.ValueTextEquals("token-id"u8) => "token-id",
        _ when reader.ValueTextEquals("token-secret"u8) => "token-secret",
        _ when reader.ValueTextEquals("expiration"u8) => "expiration",
        _ when reader.ValueTextEquals("description"u8) => "description",
        _ when reader.ValueTextEquals("auth-extra-groups"u8) => "auth-extra-groups",
        _ when reader.ValueTextEquals("usage-bootstrap-authentication"u8) => "usage-bootstrap-authentication",
        _ when reader.ValueTextEquals("usage-bootstrap-signing"u8) => "usage-bootstrap-signing",
        _ => reader.GetString()!,
    };

    private static bool TryReadText(ref Utf8JsonReader reader, out string text)
    {
        text = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("bootstrap.kubernetes.io/token"u8)
            ? "bootstrap.kubernetes.io/token"
            : Text(ref reader);
        return reader.TrySkip();
    }

    private static bool NextProperty(ref Utf8JsonReader reader, out bool ended)
    {
        bool read = reader.Read();
        ended = read && reader.TokenType == JsonTokenType.EndObject;
        return read;
    }

    private struct Metadata
    {
        private string? _name;
        private string? _uid;
        private string? _resourceVersion;
        private DateTime _created;
        private bool _beingDeleted;

        public bool TryRead(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return reader.TrySkip();
            }

            while (NextProperty(ref reader, out bool ended))
            {
                if (ended)
                {
                    return true;
                }

                if (!TryReadProperty(ref reader))
                {
                    return false;
                }
            }

            return false;
        }

        public readonly SecretResource ToSecret(string type, List<KeyValuePair<string, byte[]>> data) => new()
        {
            Name = _name ?? "",
            Uid = _uid ?? "",
            ResourceVersion = _resourceVersion ?? "",
            Type = type,
            Created = _created,
            BeingDeleted = _beingDeleted,
            Data = data,
        };

        private bool TryReadProperty(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                return reader.Read() && TryReadText(ref reader, out _name);
            }

            if (reader.ValueTextEquals("uid"u8))
            {
                return reader.Read() && TryReadText(ref reader, out _uid);
            }

            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                return reader.Read() && TryReadText(ref reader, out _resourceVersion);
            }

            bool isCreation = reader.ValueTextEquals("creationTimestamp"u8);
            bool isDeletion = reader.ValueTextEquals("deletionTimestamp"u8);
            if (!reader.Read())
            {
                return false;
            }

            _beingDeleted |= isDeletion && reader.TokenType != JsonTokenType.Null;
            if (isCreation && reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out DateTimeOffset created))
            {
                _created = created.UtcDateTime;
            }

            return reader.TrySkip();
        }
    }
}
