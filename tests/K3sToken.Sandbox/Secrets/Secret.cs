using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Who set which fields of an object.</summary>
internal sealed record ManagedFieldsEntry(string Manager, string Operation, DateTimeOffset Time, FieldSet Fields)
{
    public string ToJson(string apiVersion = "v1") =>
        $"{{\"manager\":{GoJson.Quote(Manager)},\"operation\":{GoJson.Quote(Operation)},\"apiVersion\":\"{apiVersion}\","
        + $"\"time\":\"{Secret.Timestamp(Time)}\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{Fields.ToJson()}}}";
}

/// <summary>The object that another belongs to.</summary>
internal sealed record OwnerReference(JsonElement Json)
{
    public string Uid => Text("uid");

    public string Text(string member) =>
        Json.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>A Kubernetes Secret.</summary>
public sealed record Secret
{
    internal const string Opaque = "Opaque";

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The type, for example <c>bootstrap.kubernetes.io/token</c>.</summary>
    public string Type { get; init; } = Opaque;

    /// <summary>The data, decoded.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<byte>> Data { get; init; } = NoData;

    /// <summary>The labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = NoText;

    /// <summary>The annotations.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = NoText;

    /// <summary>What keeps the Secret from disappearing when it is deleted.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>The server's id of the Secret.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The revision that the last change made; 0 where the Secret is not stored.</summary>
    public long ResourceVersion { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it was deleted, where a finalizer keeps it.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Whether data may change; null where nothing was said.</summary>
    public bool? Immutable { get; init; }

    internal static ImmutableSortedDictionary<string, ImmutableArray<byte>> NoData { get; } =
        ImmutableSortedDictionary.Create<string, ImmutableArray<byte>>(StringComparer.Ordinal);

    internal static ImmutableSortedDictionary<string, string> NoText { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    internal string GenerateName { get; init; } = "";

    internal string SelfLink { get; init; } = "";

    internal long Generation { get; init; }

    internal long? DeletionGracePeriodSeconds { get; init; }

    internal ImmutableArray<OwnerReference> OwnerReferences { get; init; } = [];

    internal ImmutableArray<ManagedFieldsEntry> ManagedFields { get; init; } = [];

    internal string Key => $"/{Namespace}/{Name}";

    /// <summary>The text of a key of the data; empty where there is none.</summary>
    public string Text(string key) => Data.TryGetValue(key, out ImmutableArray<byte> value) ? Encoding.UTF8.GetString([.. value]) : "";

    internal static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The object as it stands in a list: without kind and apiVersion.</summary>
    internal string ToItemJson()
    {
        StringBuilder json = new("{\"metadata\":");
        json.Append(MetadataJson());
        if (Immutable is bool immutable)
        {
            json.Append(",\"immutable\":").Append(immutable ? "true" : "false");
        }

        if (Data.Count > 0)
        {
            json.Append(",\"data\":{")
                .AppendJoined(Data, static (b, pair) =>
                    b.AppendQuoted(pair.Key).Append(":\"").Append(Convert.ToBase64String(pair.Value.AsSpan())).Append('"'))
                .Append('}');
        }

        return json.Append(",\"type\":").AppendQuoted(Type).Append('}').ToString();
    }

    internal string MetadataJson()
    {
        List<string> members = [];
        Text("name", Name);
        Text("generateName", GenerateName);
        Text("namespace", Namespace);
        Text("selfLink", SelfLink);
        Text("uid", Uid);
        Text("resourceVersion", ResourceVersion == 0 ? "" : ResourceVersion.ToString(CultureInfo.InvariantCulture));
        Raw("generation", Generation == 0 ? null : Generation.ToString(CultureInfo.InvariantCulture));
        Text("creationTimestamp", Created == default ? "" : Timestamp(Created));
        Text("deletionTimestamp", DeletionTimestamp is { } deleted ? Timestamp(deleted) : "");
        Raw("deletionGracePeriodSeconds", DeletionGracePeriodSeconds?.ToString(CultureInfo.InvariantCulture));
        Raw("labels", Map(Labels));
        Raw("annotations", Map(Annotations));
        Raw("ownerReferences", Array(OwnerReferences.Select(reference => GoJson.Write(reference.Json))));
        Raw("finalizers", Array(Finalizers.Select(GoJson.Quote)));
        Raw("managedFields", Array(ManagedFields.Select(entry => entry.ToJson())));
        return "{" + string.Join(",", members) + "}";

        void Text(string name, string value) => Raw(name, value.Length == 0 ? null : GoJson.Quote(value));

        void Raw(string name, string? value)
        {
            if (value is not null)
            {
                members.Add($"\"{name}\":{value}");
            }
        }
    }

    /// <summary>The fields that somebody must have set.</summary>
    internal FieldSet Fields() => FieldSet.Structure(
        ("f:data", MapFields(Data.Keys)),
        ("f:immutable", Immutable is null ? FieldSet.Empty : FieldSet.Leaf),
        ("f:metadata", FieldSet.Structure(
            ("f:annotations", MapFields(Annotations.Keys)),
            ("f:finalizers", ListFields(Finalizers.Select(finalizer => "v:" + GoJson.Quote(finalizer)))),
            ("f:generateName", GenerateName.Length == 0 ? FieldSet.Empty : FieldSet.Leaf),
            ("f:labels", MapFields(Labels.Keys)),
            ("f:ownerReferences", ListFields(OwnerReferences.Select(owner => $"k:{{\"uid\":{GoJson.Quote(owner.Uid)}}}"))))),
        ("f:type", FieldSet.Leaf));

    /// <summary>The fields that stand in both and differ.</summary>
    internal FieldSet ModifiedFields(Secret before) => FieldSet.Structure(
        ("f:data", Changed(before.Data, Data, static (left, right) => left.AsSpan().SequenceEqual(right.AsSpan()))),
        ("f:immutable", Immutable is bool now && before.Immutable == !now ? FieldSet.Leaf : FieldSet.Empty),
        ("f:metadata", FieldSet.Structure(
            ("f:annotations", Changed(before.Annotations, Annotations, static (left, right) => left == right)),
            ("f:labels", Changed(before.Labels, Labels, static (left, right) => left == right)))));

    /// <summary>Whether the two differ in anything that is stored, the bookkeeping of fields aside.</summary>
    internal bool SaysTheSameAs(Secret other) =>
        (this with { ManagedFields = [], ResourceVersion = 0 }).ToItemJson()
        == (other with { ManagedFields = [], ResourceVersion = 0 }).ToItemJson();

    private static FieldSet MapFields(IEnumerable<string> keys) => ListFields(keys.Select(key => "f:" + key));

    private static FieldSet ListFields(IEnumerable<string> elements) => elements.Any() ? FieldSet.Map(elements) : FieldSet.Empty;

    private static FieldSet Changed<T>(
        IReadOnlyDictionary<string, T> before,
        IReadOnlyDictionary<string, T> after,
        Func<T, T, bool> same) =>
        FieldSet.Structure([
            .. after.Where(pair => before.TryGetValue(pair.Key, out T? old) && !same(old, pair.Value))
                .Select(pair => ("f:" + pair.Key, FieldSet.Leaf)),
        ]);

    private static string? Map(ImmutableSortedDictionary<string, string> map) =>
        map.Count == 0
            ? null
            : new StringBuilder("{")
                .AppendJoined(map, static (b, pair) => b.AppendQuoted(pair.Key).Append(':').AppendQuoted(pair.Value))
                .Append('}')
                .ToString();

    private static string? Array(IEnumerable<string> items)
    {
        string joined = string.Join(",", items);
        return joined.Length == 0 ? null : $"[{joined}]";
    }
}
