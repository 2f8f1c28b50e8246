using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;

namespace K3sToken.Kubernetes;

/// <summary>Writes YAML nodes as JSON.</summary>
internal static class YamlJson
{
    public static string Of(YamlNode node)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            Write(writer, node);
        }

        return Encoding.UTF8.GetString(json.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMapping mapping:
                writer.WriteStartObject();
                foreach (KeyValuePair<string, YamlNode> entry in mapping.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case YamlSequence sequence:
                writer.WriteStartArray();
                foreach (YamlNode item in sequence.Items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case YamlScalar { Value: null }:
                writer.WriteNullValue();
                break;
            case YamlScalar { IsText: false, Value: { } plain } when IsJsonLiteral(plain):
                writer.WriteRawValue(plain);
                break;
            case YamlScalar text:
                writer.WriteStringValue(text.Value);
                break;
        }
    }

    private static bool IsJsonLiteral(string plain)
    {
        try
        {
            Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(plain));
            return reader.Read() && reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
