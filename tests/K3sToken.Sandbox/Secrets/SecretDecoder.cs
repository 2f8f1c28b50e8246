using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A Secret that a client sent.</summary>
/// <param name="Secret">What it says; its resourceVersion is left out.</param>
/// <param name="ResourceVersion">The resourceVersion as it was written.</param>
/// <param name="ManagedFields">What it says of who set which field; null where it says nothing.</param>
/// <param name="Complaints">What a strict reading does not allow: unknown and repeated fields.</param>
internal sealed record DecodedSecret(
    Secret Secret,
    string ResourceVersion,
    ImmutableArray<ManagedFieldsEntry>? ManagedFields,
    IReadOnlyList<string> Complaints);

/// <summary>Reads a Secret from JSON by the rules, and with the error texts, of Go's decoder.</summary>
internal sealed class SecretDecoder
{
    private readonly List<string> _complaints = [];
    private Secret _secret = new() { Name = "", Namespace = "", Type = "" };
    private string _resourceVersion = "";
    private ImmutableArray<ManagedFieldsEntry>? _managedFields;
    private ImmutableSortedDictionary<string, string> _stringData = Secret.NoText;

    private SecretDecoder()
    {
    }

    /// <summary>Reads a Secret.</summary>
    /// <exception cref="FormatException">In the words of Go.</exception>
    public static DecodedSecret Decode(JsonElement json)
    {
        SecretDecoder decoder = new();
        decoder.ReadSecret(json);
        Secret secret = decoder._secret;
        ImmutableSortedDictionary<string, ImmutableArray<byte>>.Builder data = secret.Data.ToBuilder();
        foreach ((string key, string value) in decoder._stringData)
        {
            data[key] = [.. Encoding.UTF8.GetBytes(value)];
        }

        secret = secret with { Data = data.ToImmutable(), Type = secret.Type.Length == 0 ? Secret.Opaque : secret.Type };
        return new DecodedSecret(secret, decoder._resourceVersion, decoder._managedFields, decoder._complaints);
    }

    private void ReadSecret(JsonElement json)
    {
        foreach ((string name, JsonElement value) in Members(json, "", "", "v1.Secret"))
        {
            string field = "Secret." + name;
            switch (name)
            {
                case "kind" or "apiVersion":
                    Text(value, field);
                    break;
                case "metadata":
                    ReadMetadata(value);
                    break;
                case "immutable":
                    _secret = _secret with { Immutable = Boolean(value, field) };
                    break;
                case "data":
                    _secret = _secret with { Data = Data(value) };
                    break;
                case "stringData":
                    _stringData = TextMap(value, field, "stringData");
                    break;
                case "type":
                    _secret = _secret with { Type = Text(value, field, "v1.SecretType") };
                    break;
                default:
                    _complaints.Add($"unknown field \"{name}\"");
                    break;
            }
        }
    }

    private void ReadMetadata(JsonElement json)
    {
        foreach ((string name, JsonElement value) in Members(json, "Secret.metadata", "metadata", "v1.ObjectMeta"))
        {
            string field = "ObjectMeta.metadata." + name;
            switch (name)
            {
                case "name":
                    _secret = _secret with { Name = Text(value, field) };
                    break;
                case "generateName":
                    _secret = _secret with { GenerateName = Text(value, field) };
                    break;
                case "namespace":
                    _secret = _secret with { Namespace = Text(value, field) };
                    break;
                case "selfLink":
                    _secret = _secret with { SelfLink = Text(value, field) };
                    break;
                case "uid":
                    _secret = _secret with { Uid = Text(value, field, "types.UID") };
                    break;
                case "resourceVersion":
                    _resourceVersion = Text(value, field);
                    break;
                case "generation":
                    _secret = _secret with { Generation = Integer(value, field) };
                    break;
                case "creationTimestamp":
                    _secret = _secret with { Created = Time(value) ?? default };
                    break;
                case "deletionTimestamp":
                    _secret = _secret with { DeletionTimestamp = Time(value) };
                    break;
                case "deletionGracePeriodSeconds":
                    _secret = _secret with { DeletionGracePeriodSeconds = Integer(value, field) };
                    break;
                case "labels":
                    _secret = _secret with { Labels = TextMap(value, field, "metadata.labels") };
                    break;
                case "annotations":
                    _secret = _secret with { Annotations = TextMap(value, field, "metadata.annotations") };
                    break;
                case "finalizers":
                    _secret = _secret with { Finalizers = [.. Items(value, field, "[]string").Select(item => Text(item, field))] };
                    break;
                case "ownerReferences":
                    _secret = _secret with
                    {
                        OwnerReferences = [.. Items(value, field, "[]v1.OwnerReference").Select(item => Owner(item, field))],
                    };
                    break;
                case "managedFields":
                    ImmutableArray<ManagedFieldsEntry> entries =
                        [.. Items(value, field, "[]v1.ManagedFieldsEntry").Select(Entry).OfType<ManagedFieldsEntry>()];
                    _managedFields = value.ValueKind == JsonValueKind.Null ? null : entries;
                    break;
                default:
                    _complaints.Add($"unknown field \"metadata.{name}\"");
                    break;
            }
        }
    }

    private static OwnerReference Owner(JsonElement json, string field)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw CannotUnmarshal(json, field, "v1.OwnerReference");
        }

        return new OwnerReference(json.Clone());
    }

    /// <summary>An entry of managedFields; null for an empty one, by which a client asks to forget them all.</summary>
    private static ManagedFieldsEntry? Entry(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("fieldsV1", out JsonElement fields))
        {
            return null;
        }

        return new ManagedFieldsEntry(
            Member("manager"),
            Member("operation"),
            DateTimeOffset.TryParse(Member("time"), CultureInfo.InvariantCulture, out DateTimeOffset time) ? time : default,
            FieldSet.Parse(fields));

        string Member(string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
    }

    private ImmutableSortedDictionary<string, ImmutableArray<byte>> Data(JsonElement json)
    {
        ImmutableSortedDictionary<string, ImmutableArray<byte>>.Builder data = Secret.NoData.ToBuilder();
        foreach ((string key, JsonElement value) in Members(json, "Secret.data", "data", "map[string][]uint8"))
        {
            data[key] = value.ValueKind switch
            {
                JsonValueKind.Null => [],
                JsonValueKind.String => [.. GoBase64.Decode(value.GetString()!)],
                _ => throw CannotUnmarshal(value, "Secret.data", "[]uint8"),
            };
        }

        return data.ToImmutable();
    }

    private ImmutableSortedDictionary<string, string> TextMap(JsonElement json, string field, string path)
    {
        ImmutableSortedDictionary<string, string>.Builder map = Secret.NoText.ToBuilder();
        foreach ((string key, JsonElement value) in Members(json, field, path, "map[string]string"))
        {
            map[key] = Text(value, field);
        }

        return map.ToImmutable();
    }

    private IEnumerable<(string Name, JsonElement Value)> Members(JsonElement json, string field, string path, string type)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            yield break;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw CannotUnmarshal(json, field, type);
        }

        HashSet<string> seen = [];
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!seen.Add(property.Name))
            {
                _complaints.Add($"duplicate field \"{(path.Length == 0 ? property.Name : path + "." + property.Name)}\"");
            }

            yield return (property.Name, property.Value);
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement json, string field, string type) => json.ValueKind switch
    {
        JsonValueKind.Null => default,
        JsonValueKind.Array => json.EnumerateArray(),
        _ => throw CannotUnmarshal(json, field, type),
    };

    private static string Text(JsonElement json, string field, string type = "string") => json.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => json.GetString()!,
        _ => throw CannotUnmarshal(json, field, type),
    };

    private static bool? Boolean(JsonElement json, string field) => json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
        _ => throw CannotUnmarshal(json, field, "bool"),
    };

    private static long Integer(JsonElement json, string field) => json.ValueKind switch
    {
        JsonValueKind.Null => 0,
        JsonValueKind.Number when json.TryGetInt64(out long value) => value,
        JsonValueKind.Number => throw new FormatException(
            $"json: cannot unmarshal number {json.GetRawText()} into Go struct field {field} of type int64"),
        _ => throw CannotUnmarshal(json, field, "int64"),
    };

    private static DateTimeOffset? Time(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (json.ValueKind != JsonValueKind.String)
        {
            throw new FormatException($"json: cannot unmarshal {RequestBody.KindOf(json)} into Go value of type string");
        }

        string text = json.GetString()!;
        return GoTime.ParseRfc3339(text)
            ?? throw new FormatException(
                $"parsing time {GoText.Quote(text)} as \"2006-01-02T15:04:05Z07:00\": cannot parse {GoText.Quote(text)} as \"2006\"");
    }

    private static FormatException CannotUnmarshal(JsonElement json, string field, string type) =>
        new(field.Length == 0
            ? $"json: cannot unmarshal {RequestBody.KindOf(json)} into Go value of type {type}"
            : $"json: cannot unmarshal {RequestBody.KindOf(json)} into Go struct field {field} of type {type}");
}
