using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Datastore;

namespace K3sToken.Tests.Sandboxing;

/// <summary>Does with a sandbox what was done with a real server, step by step, and compares answers, files and datastore.</summary>
internal sealed partial class RotationReplay : IAsyncDisposable
{
    private const string RecordedDirectory = "/var/lib/rancher/k3s";

    // Passwords that the recorded server made for itself, each with ours.
    private readonly Dictionary<string, string> _ours = [];
    private readonly Dictionary<long, long> _revisions = new() { [0] = 0 };
    private Sandbox? _sandbox;

    private Sandbox Sandbox => _sandbox!;

    private SandboxServer Server => Sandbox.Servers[0];

    /// <summary>A server as it was before the first step, for a recording that does not begin with its start.</summary>
    public async Task BeginAsync(string token, string? bootstrapToken)
    {
        _sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = token });
        if (bootstrapToken?.Split('.') is [string id, string secret])
        {
            _sandbox.Secrets.AddBootstrapToken(id, secret);
        }
    }

    /// <summary>What is different from the recorded step, or null where nothing is.</summary>
    public async Task<string?> TryAsync(JsonElement step)
    {
        try
        {
            return step.GetProperty("kind").GetString() switch
            {
                "start" => await StartAsync(step),
                "restart" => await RestartAsync(step),
                "request" => await RequestAsync(step),
                "files" => FileDifferences(step.GetProperty("files")),
                "datastore" => DatastoreDifferences(step),
                "probe" => await ProbeAsync(step),
                "probes" => await ProbesAsync(step) ?? StateDifferences(step),
                "remove" => Remove(step),
                "alive" => await ProbeAsync("", "/ping", step.GetProperty("status")),
                "http2" => await Http2Async(step),
                var kind => $"No idea what to do for {kind}.",
            };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.ToString();
        }
    }

    public ValueTask DisposeAsync() => _sandbox?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<string?> StartAsync(JsonElement step)
    {
        await DisposeAsync();
        _sandbox = null;
        _revisions.Clear();
        _revisions[0] = 0;
        bool expected = !step.TryGetProperty("started", out JsonElement started) || started.GetBoolean();
        try
        {
            _sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Text(step, "token"), AgentToken = Text(step, "agentToken") });
        }
        catch (InvalidOperationException exception)
        {
            return expected ? exception.Message : Difference("the log", LogLine(step), exception.Message);
        }

        return expected ? StateDifferences(step) : "It has started.";
    }

    private async Task<string?> RestartAsync(JsonElement step)
    {
        bool started = await Server.RestartAsync(Text(step, "token"), Text(step, "agentToken"));
        return Difference("whether it starts", step.GetProperty("started").GetBoolean(), started)
            ?? (started ? null : Difference("the log", LogLine(step), WithRecordedPaths(Server.FatalError!)));
    }

    private async Task<string?> RequestAsync(JsonElement step)
    {
        string tokenBefore = await File.ReadAllTextAsync(PathOf("server/token"));
        int logged = Server.LogLines.Count;
        JsonElement exchange = step.GetProperty("exchange");
        JsonElement response = exchange.GetProperty("response");
        string? difference;
        try
        {
            RawAnswer answer = await SendAsync(exchange.GetProperty("request"));
            difference = response.TryGetProperty("connectionError", out _)
                ? $"The answer is {answer.Status}, not none."
                : new Replay(Sandbox).Differences(response, answer);
        }
        catch (IOException) when (response.TryGetProperty("connectionError", out _))
        {
            difference = null;
        }

        difference ??= LogDifferences(step, Server.LogLines.Skip(logged)) ?? StateDifferences(step);
        if (step.TryGetProperty("tokenFileChanged", out JsonElement changed) && !changed.GetBoolean())
        {
            difference ??= Difference("the token file", tokenBefore, await File.ReadAllTextAsync(PathOf("server/token")));
        }

        if (step.TryGetProperty("repair", out _))
        {
            SetBack(step.GetProperty("datastoreAfter"));
        }

        return difference;
    }

    private Task<RawAnswer> SendAsync(JsonElement request)
    {
        var headers = request.GetProperty("headers").EnumerateArray()
            .Select(pair => new KeyValuePair<string, string>(pair[0].GetString()!, pair[1].GetString()!))
            .ToList();
        byte[]? body = headers.Exists(header => header.Key == "Content-Length") ? Body(request) : null;
        return RawHttp.SendAsync(
            Sandbox,
            Server.Url,
            request.GetProperty("method").GetString()!,
            request.GetProperty("path").GetString()!,
            headers.Where(header => header.Key is not ("Host" or "Content-Length"))
                .Select(header => header.Key == "Authorization" ? new(header.Key, WithOurPassword(header.Value)) : header),
            body);
    }

    private static byte[] Body(JsonElement request)
    {
        if (request.TryGetProperty("bodyBase64", out JsonElement bytes))
        {
            return bytes.GetBytesFromBase64();
        }

        string text = request.GetProperty("bodyText").GetString()!;
        if (request.TryGetProperty("bodyTruncated", out JsonElement truncated))
        {
            int length = int.Parse(truncated.GetString()!.Split(' ')[0], CultureInfo.InvariantCulture);
            string start = text[..^3];
            text = start.PadRight(length - 2, start[^1]) + "\"}";
        }

        return Encoding.UTF8.GetBytes(text);
    }

    private string WithOurPassword(string header)
    {
        const string Basic = "Basic ";
        if (!header.StartsWith(Basic, StringComparison.Ordinal))
        {
            return header;
        }

        string[] pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[Basic.Length..])).Split(':', 2);
        return BasicHeader(pair[0], pair[1]);
    }

    private string BasicHeader(string user, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{_ours.GetValueOrDefault(password, password)}"));

    private async Task<string?> ProbesAsync(JsonElement step)
    {
        foreach (JsonElement probe in step.GetProperty("probes").EnumerateArray())
        {
            if (await ProbeAsync(probe) is string difference)
            {
                return difference;
            }
        }

        return null;
    }

    private Task<string?> ProbeAsync(JsonElement probe) => ProbeAsync(
        probe.GetProperty("credential").GetString()!,
        probe.GetProperty("path").GetString()!,
        probe.GetProperty("status"));

    private async Task<string?> ProbeAsync(string credential, string path, JsonElement expected)
    {
        string header = credential.StartsWith("Bearer ", StringComparison.Ordinal)
            ? credential
            : BasicHeader(credential.Split(':', 2)[0], credential.Split(':', 2)[^1]);
        string status;
        try
        {
            RawAnswer answer = await RawHttp.SendAsync(Sandbox, Server.Url, "GET", path, [new("Authorization", header)], body: null);
            status = answer.Status.ToString(CultureInfo.InvariantCulture);
        }
        catch (SocketException)
        {
            status = "null";
        }

        return Difference($"the status of {path} for {credential}", expected.GetRawText(), status);
    }

    private async Task<string?> Http2Async(JsonElement step)
    {
        bool wrong = step.GetProperty("note").GetString()!.Contains("wrong", StringComparison.Ordinal);
        string password = wrong ? "wrong" : RunningPassword();
        RawAnswer answer = await Http2.PutAsync(Sandbox, "/v1-k3s/token", BasicHeader("server", password), """{"newToken":"t13"}""");
        IEnumerable<string> headers = answer.Headers.Where(header => header.Key != "date")
            .Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal);
        string[] recorded = step.GetProperty("responseHead").GetString()!.Split("\n\n", 2);
        string[] head = recorded[0].Split('\n');
        var expected = head.Skip(1).Where(line => !line.StartsWith("date", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return Difference("the status", head[0].Split(' ')[1], answer.Status.ToString(CultureInfo.InvariantCulture))
            ?? Difference("the headers", string.Join('\n', expected), string.Join('\n', headers))
            ?? Difference("the body", recorded[1], answer.Text);
    }

    private string RunningPassword() => Server.Requests
        .Where(request => request.Status == 200 && request.Method == "PUT")
        .Select(request => Encoding.UTF8.GetString(Convert.FromBase64String(request.Headers["Authorization"]["Basic ".Length..])))
        .Last()["server:".Length..];

    private string? Remove(JsonElement step)
    {
        foreach (JsonElement file in step.GetProperty("files").EnumerateArray())
        {
            File.Delete(PathOf("server/" + file.GetString()));
        }

        return null;
    }

    /// <summary>Writes token and password file by hand, as was done after a rotation that failed half way.</summary>
    private void SetBack(JsonElement datastore)
    {
        string password = Text(datastore, "token") ?? TokenWritten().Match(File.ReadAllText(PathOf("server/token"))).Groups[1].Value;
        string field = "\"" + password.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        string hash = Sandbox.Certificates.AuthorityHash;
        File.WriteAllText(PathOf("server/token"), $"K10{hash}::server:{password}\n");
        File.WriteAllText(PathOf("server/cred/passwd"), $"{field},node,node,k3s:agent\n{field},server,server,k3s:server\n");
    }

    /// <summary>Compares what a step says of the state after it.</summary>
    private string? StateDifferences(JsonElement step)
    {
        Learn(step);
        return TokenFileDifference(Text(step, "tokenFile")) ?? TokenFileDifference(Text(step, "tokenFileAfter"))
            ?? PasswordFileDifference(Text(step, "passwdFile")) ?? PasswordFileDifference(Text(step, "passwdFileAfter"))
            ?? (step.TryGetProperty("agentTokenFile", out JsonElement file) ? FileDifference("server/agent-token", file) : null)
            ?? KeyDifference(step);
    }

    /// <summary>A password that the server made for itself is another one here.</summary>
    private void Learn(JsonElement step)
    {
        string? body = step.TryGetProperty("exchange", out JsonElement exchange) ? Text(exchange.GetProperty("request"), "bodyText") : null;
        bool isStart = step.GetProperty("kind").GetString() == "start";
        bool made = isStart ? Text(step, "token") is null : body?.EndsWith(": \"\"}", StringComparison.Ordinal) == true;
        if (made && (Text(step, "tokenFile") ?? Text(step, "tokenFileAfter")) is string recorded)
        {
            _ours[TokenWritten().Match(recorded).Groups[1].Value] =
                TokenWritten().Match(File.ReadAllText(PathOf("server/token"))).Groups[1].Value;
        }
    }

    private string? TokenFileDifference(string? recorded) => recorded is null ? null : TokenDifference("server/token", recorded);

    /// <summary>A token names the CA, which is another one here. Of a long one, only the beginning was recorded.</summary>
    private string? TokenDifference(string name, string recorded)
    {
        string start = $"K10{Sandbox.Certificates.AuthorityHash}::";
        string ours = ReadText(name);
        string expected = WithOurPasswords(start + recorded[start.Length..]);
        if (Length().Match(recorded) is { Success: true } length)
        {
            expected = expected[..^length.Length];
            return Difference("the length of " + name, length.Groups[1].Value, ours.Length.ToString(CultureInfo.InvariantCulture))
                ?? Difference(name, expected, ours[..expected.Length]);
        }

        return Difference(name, expected, ours);
    }

    private string? PasswordFileDifference(string? recorded) => recorded is null or "..."
        ? null
        : Difference("the password file", Sorted(WithOurPasswords(recorded)), Sorted(ReadText("server/cred/passwd")));

    /// <summary>The order of the users is left to chance.</summary>
    private static string Sorted(string passwords) =>
        string.Concat(EndOfUser().Split(passwords).Order(StringComparer.Ordinal));

    private string WithOurPasswords(string text) =>
        _ours.Aggregate(text, (current, pair) => current.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

    private string? KeyDifference(JsonElement step)
    {
        if (Text(step, "bootstrapKey") is string first)
        {
            return _ours.Count > 0 ? null : Difference("the key", first, string.Join(", ", Sandbox.Datastore.Keys.Select(row => row.Key)));
        }

        if (!step.TryGetProperty("datastoreAfter", out JsonElement datastore))
        {
            return null;
        }

        string? token = Text(datastore, "token");
        string key = token is not null && _ours.TryGetValue(token, out string? ours)
            ? BootstrapCipher.KeyOf(ours)
            : datastore.GetProperty("key").GetString()!;
        return Difference("the key", key, string.Join(", ", Sandbox.Datastore.Keys.Select(row => row.Key)))
            ?? (token is null || Sandbox.Datastore.Opens(_ours.GetValueOrDefault(token, token)) ? null : "The datastore does not open.");
    }

    private string? DatastoreDifferences(JsonElement step)
    {
        string token = Text(step, "token")!;
        List<JsonElement> recorded = [.. step.GetProperty("datastore").EnumerateArray()];
        List<DatastoreRow> rows = [.. Sandbox.Datastore.Rows.TakeLast(recorded.Count)];
        return Difference("the key", step.GetProperty("expectedKey").GetString(), BootstrapCipher.KeyOf(token))
            ?? Difference("how many changes there are", recorded.Count, rows.Count)
            ?? recorded.Zip(rows).Select(pair => RowDifference(pair.First, pair.Second, token)).FirstOrDefault(found => found is not null);
    }

    private string? RowDifference(JsonElement recorded, DatastoreRow row, string token)
    {
        byte[]? plain = row.Value.Length == 0 ? null : BootstrapCipher.Decrypt(token, row.Value);
        bool? opens = recorded.TryGetProperty("decryptsWithTokenBelow", out JsonElement value) ? value.GetBoolean() : null;
        string start = Text(recorded, "plaintextStart") ?? "";
        return Difference("a key", recorded.GetProperty("key").GetString(), row.Key)
            ?? Difference("whether it was created", recorded.GetProperty("created").GetInt32() == 1, row.Created)
            ?? Difference("whether it was deleted", recorded.GetProperty("deleted").GetInt32() == 1, row.Deleted)
            ?? Difference("whether it has a value", recorded.GetProperty("valueLength").GetInt32() > 0, row.Value.Length > 0)
            ?? Difference("whether it opens", opens, row.Value.Length == 0 ? null : plain is not null)
            ?? Difference("the beginning", start, Encoding.UTF8.GetString(plain ?? [])[..start.Length])
            ?? RevisionDifference(recorded, "revision", row.Revision)
            ?? RevisionDifference(recorded, "createRevision", row.CreateRevision)
            ?? RevisionDifference(recorded, "prevRevision", row.PreviousRevision);
    }

    private string? RevisionDifference(JsonElement recorded, string name, long ours)
    {
        long theirs = recorded.GetProperty(name).GetInt64();
        _revisions.TryAdd(theirs, ours);
        return Difference($"the {name}", _revisions[theirs], ours);
    }

    private string? FileDifferences(JsonElement files) =>
        files.EnumerateObject().Select(file => FileDifference(file.Name, file.Value)).FirstOrDefault(found => found is not null);

    private string? FileDifference(string name, JsonElement recorded)
    {
        FileInfo file = new(PathOf(name));
        string? link = file.LinkTarget is null ? null : WithRecordedPaths(file.LinkTarget);
        string text = Text(recorded, "text")!;
        return Difference($"the link {name}", Text(recorded, "symlinkTo"), link)
            ?? (name.EndsWith("passwd", StringComparison.Ordinal)
                ? PasswordFileDifference(text)
                : TokenDifference(name, text))
            ?? ModeDifference(recorded.GetProperty("mode").GetString()!, file);
    }

    private static string? ModeDifference(string recorded, FileInfo file)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        string target = file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        return Difference("the mode", recorded, "0o" + Convert.ToString((int)File.GetUnixFileMode(target), 8));
    }

    private static string? LogDifferences(JsonElement step, IEnumerable<string> lines)
    {
        IEnumerable<string> recorded = step.TryGetProperty("serverLog", out JsonElement log)
            ? log.EnumerateArray().Select(line => line.GetString()!)
            : [];
        return Difference("the log", string.Join('\n', recorded.Select(WithoutNumbers)), string.Join('\n', lines.Select(WithoutNumbers)));
    }

    private static string LogLine(JsonElement step) => Fatal().Match(step.GetProperty("logLines")[0].GetString()!).Groups[1].Value;

    private string PathOf(string name) => Path.Combine([Server.DataDirectory, .. name.Split('/')]);

    /// <summary>What a file says, as the recording machinery read it.</summary>
    private string ReadText(string name) => File.ReadAllText(PathOf(name)).ReplaceLineEndings("\n");

    private string WithRecordedPaths(string text) => text.Replace(Server.DataDirectory, RecordedDirectory, StringComparison.Ordinal);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Difference<T>(string what, T recorded, T ours) =>
        EqualityComparer<T>.Default.Equals(recorded, ours) ? null : $"Not as recorded: {what} is\n{ours}\nand not\n{recorded}";

    private static string WithoutNumbers(string line) => Number().Replace(line, "");

    [GeneratedRegex(@"::server:(.*)\n\z", RegexOptions.Singleline)]
    private static partial Regex TokenWritten();

    [GeneratedRegex(@"\.\.\. \(([0-9]+) characters\)\z")]
    private static partial Regex Length();

    [GeneratedRegex("(?<=,k3s:(?:agent|server)\n)")]
    private static partial Regex EndOfUser();

    [GeneratedRegex("msg=\"(.*)\"$")]
    private static partial Regex Fatal();

    [GeneratedRegex("time=\"[^\"]*\"|ID [0-9]{5}|127.0.0.1:[0-9]+|(?<=max \\()[0-9]+")]
    private static partial Regex Number();
}
