using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Writes Secrets and lists of them in the form that the client asked for.</summary>
internal static class SecretJson
{
    private const string Head = "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",";

    private static readonly string Columns = Embedded.Json("table-columns.json");

    /// <summary>A Secret by itself.</summary>
    public static byte[] Whole(ReadOnlySpan<byte> item) => [.. Encoding.UTF8.GetBytes(Head), .. item[1..]];

    /// <exception cref="StatusException">406: a form that only a list has.</exception>
    public static Answer Single(int status, StoredSecret secret, OutputFormat format, DateTimeOffset now)
    {
        byte[] json = format.Representation switch
        {
            Representation.Metadata => Metadata(secret, format),
            Representation.Table => Table($"{{\"resourceVersion\":\"{Text(secret.Secret.ResourceVersion)}\"}}", [secret], format, now),
            Representation.MetadataList => throw NotAcceptable("PartialObjectMetadataList", "is not a list (*core.Secret)"),
            _ => Whole(secret.Json),
        };
        return Answers.Json(status, json, format);
    }

    /// <exception cref="StatusException">406: a form that only a single object has.</exception>
    public static Answer List(string metadata, IReadOnlyList<StoredSecret> secrets, OutputFormat format, DateTimeOffset now)
    {
        byte[] json = format.Representation switch
        {
            Representation.MetadataList => Joined(
                $"{{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"{format.MetaVersion}\",\"metadata\":{metadata},\"items\":[",
                secrets.Select(secret => Metadata(secret, format))),
            Representation.Table => Table(metadata, secrets, format, now),
            Representation.Metadata => throw NotAcceptable("PartialObjectMetadata", "is a list (*core.SecretList)"),
            _ => Joined(
                $"{{\"kind\":\"SecretList\",\"apiVersion\":\"v1\",\"metadata\":{metadata},\"items\":[",
                secrets.Select(secret => secret.Json)),
        };
        return Answers.Json(200, json, format);
    }

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Metadata(StoredSecret secret, OutputFormat format) => Encoding.UTF8.GetBytes(
        $"{{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"{format.MetaVersion}\",\"metadata\":{secret.Secret.MetadataJson()}}}");

    private static byte[] Joined(string head, IEnumerable<byte[]> items)
    {
        using MemoryStream json = new();
        json.Write(Encoding.UTF8.GetBytes(head));
        bool first = true;
        foreach (byte[] item in items)
        {
            if (!first)
            {
                json.WriteByte((byte)',');
            }

            json.Write(item);
            first = false;
        }

        json.Write("]}"u8);
        return json.ToArray();
    }

    private static byte[] Table(string metadata, IReadOnlyList<StoredSecret> secrets, OutputFormat format, DateTimeOffset now)
    {
        if (format.IncludeObject is not ("" or "None" or "Metadata" or "Object"))
        {
            throw new StatusException(Status.BadRequest(
                $"Unable to convert to Table as requested: includeObject: Invalid value: {GoText.Quote(format.IncludeObject)}: "
                + "must be 'Metadata', 'Object', 'None', or empty"));
        }

        string head = $"{{\"kind\":\"Table\",\"apiVersion\":\"{format.MetaVersion}\",\"metadata\":{metadata},"
            + $"\"columnDefinitions\":{Columns},\"rows\":[";
        return Joined(head, secrets.Select(secret => Row(secret, format, now)));
    }

    private static byte[] Row(StoredSecret stored, OutputFormat format, DateTimeOffset now)
    {
        Secret secret = stored.Secret;
        string cells = $"{GoJson.Quote(secret.Name)},{GoJson.Quote(secret.Type)},{Text(secret.Data.Count)},\"{Age(now - secret.Created)}\"";
        byte[] included = format.IncludeObject switch
        {
            "None" => "null"u8.ToArray(),
            "Object" => Whole(stored.Json),
            _ => Metadata(stored, format),
        };
        return [.. Encoding.UTF8.GetBytes($"{{\"cells\":[{cells}],\"object\":"), .. included, .. "}"u8];
    }

    /// <summary>A duration as Kubernetes shows it to people.</summary>
    private static string Age(TimeSpan age)
    {
        long seconds = (long)age.TotalSeconds;
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        return seconds switch
        {
            < 0 => "0s",
            < 120 => Text(seconds) + "s",
            < 600 => seconds % 60 == 0 ? Text(minutes) + "m" : $"{Text(minutes)}m{Text(seconds % 60)}s",
            < 10800 => Text(minutes) + "m",
            < 28800 => minutes % 60 == 0 ? Text(hours) + "h" : $"{Text(hours)}h{Text(minutes % 60)}m",
            < 172800 => Text(hours) + "h",
            < 691200 => hours % 24 == 0 ? Text(days) + "d" : $"{Text(days)}d{Text(hours % 24)}h",
            < 63072000 => Text(days) + "d",
            < 252288000 => days % 365 == 0 ? Text(days / 365) + "y" : $"{Text(days / 365)}y{Text(days % 365)}d",
            _ => Text(days / 365) + "y",
        };
    }

    private static StatusException NotAcceptable(string kind, string why) =>
        new(Status.NotAcceptable($"you requested {kind}, but the requested object {why}"));
}
