using System;
using System.Text.Json;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Secrets;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>The body of a request to rotate the token, read as Go reads it.</summary>
/// <param name="NewToken">The new token; null where the body has none, which makes the server break the connection.</param>
internal sealed record TokenRequest(string? NewToken)
{
    private const string GoType = "TokenRotateRequest";
    private const string Member = "newToken";

    /// <exception cref="FormatException">In the words of Go.</exception>
    public static TokenRequest Parse(byte[] body)
    {
        if (GoJsonSyntax.Error(body) is string error)
        {
            throw new FormatException(error);
        }

        using JsonDocument document = JsonDocument.Parse(GoJsonText.Valid(body), new JsonDocumentOptions { MaxDepth = 20_000 });
        JsonElement root = document.RootElement;
        return root.ValueKind switch
        {
            JsonValueKind.Null => new TokenRequest((string?)null),
            JsonValueKind.Object => new TokenRequest(NewTokenOf(root)),
            _ => throw new FormatException($"json: cannot unmarshal {RequestBody.KindOf(root)} into Go value of type handlers.{GoType}"),
        };
    }

    private static string? NewTokenOf(JsonElement root)
    {
        string? found = null;
        FormatException? wrong = null;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!property.Name.Equals(Member, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null)
            {
                found = property.Value.ValueKind == JsonValueKind.Null ? null : GoJsonText.Decode(property.Value);
            }
            else
            {
                wrong ??= new FormatException(
                    $"json: cannot unmarshal {RequestBody.KindOf(property.Value)} into Go struct field {GoType}.{Member} of type string");
            }
        }

        return wrong is null ? found : throw wrong;
    }
}
