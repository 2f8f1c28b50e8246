using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>What is measured in PowerShell, against what, and how much it may be.</summary>
internal sealed class Comparisons : IDisposable
{
    private const int RelayedTokens = 5_000;
    private const int BulkTokens = 1_000;
    private const int KubectlSample = 10;
    private const string Bare = "bare PowerShell";
    private const string Line = "warm, 20 ms, 100 Mbit/s";

    // The columns of Get-K3sBootstrapToken, as people get them from kubectl today.
    private const string Kubectl =
        """
        function Read($data, $key) { if ($data.$key) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($data.$key)) } }
        (& $kubectl get secrets -n kube-system --field-selector type=bootstrap.kubernetes.io/token -o json | ConvertFrom-Json).items |
            Select-Object @{ n = 'Id'; e = { Read $_.data 'token-id' } },
                @{ n = 'Expires'; e = { [datetime] (Read $_.data 'expiration') } },
                @{ n = 'Usages'; e = { $_.data.psobject.Properties.Name -like 'usage-bootstrap-*' } },
                @{ n = 'Description'; e = { Read $_.data 'description' } },
                @{ n = 'Groups'; e = { (Read $_.data 'auth-extra-groups') -split ',' } }
        """;

    private static readonly int[] AtOnce = [16, 32, 64, 128];
    private static readonly int[] Contexts = [1, 10, 100];

    private readonly Options _options;
    private readonly string _powerShell;
    private readonly Cluster _cluster;
    private readonly Floor _floor;
    private readonly Table _table;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("k3stoken-bench-");
    private readonly string _import;
    private readonly string _kubectl;

    public Comparisons(Options options, string powerShell, Cluster cluster, Floor floor, Table table)
    {
        _options = options;
        _powerShell = powerShell;
        _cluster = cluster;
        _floor = floor;
        _table = table;
        _import = $"Import-Module {Quoted(Path.Combine(BuildTime.Value("StagedModule"), "K3sToken.psd1"))}";
        _kubectl = $"$kubectl = {Quoted(options.Kubectl ?? "")}; {Kubectl}";
    }

    private bool HasKubectl => _options.Kubectl is not null;

    public async Task RunAsync()
    {
        if (!HasKubectl)
        {
            _table.Skip("kubectl's rows of cold, warm and bulk", "there is no kubectl on PATH, or --kubectl says so");
        }

        await WhenWanted("import", ImportAsync);
        int filled = 0;
        foreach (int size in _options.Sizes)
        {
            await _floor.FillAsync(filled, size);
            filled = size;
            await WhenWanted("cold", () => ColdAsync(size));
            await WhenWanted("warm", () => WarmAsync(size));
            await WhenWanted("first", () => FirstAsync(size));
            await WhenWanted("memory", () => MemoryAsync(size));
            await WhenWanted("contexts", () => size == 10 ? ContextsAsync() : Task.CompletedTask);
            await WhenWanted("relay", () => size == RelayedTokens ? RelayAsync() : Task.CompletedTask);
        }

        await WhenWanted("bulk", BulkAsync);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task WhenWanted(string group, Func<Task> measureAsync) => _options.Wants(group) ? measureAsync() : Task.CompletedTask;

    private async Task ImportAsync()
    {
        string empty = await MakeEmptyModuleAsync();
        Figures[] figures = await Turns.MeasureAsync(
            _options.Rounds, Cold(Bare, "$null"), Cold("an empty module", $"Import-Module {Quoted(empty)}"), Cold("the module", _import));
        _table.Add(Bare, figures[0]);
        _table.Add("import of an empty module of one binary cmdlet", figures[1], Comparison.Over(figures[1], figures[0], Bare, null));
        _table.Add("import of K3sToken", figures[2], Comparison.Over(figures[2], figures[1], "the empty module", 15));
    }

    private async Task ColdAsync(int size)
    {
        if (size > RelayedTokens)
        {
            return;
        }

        string list = $"{_import}; Get-K3sBootstrapToken | Out-Null";
        Case[] cases = [Cold(Bare, "$null"), Cold("list", list), .. HasKubectl ? [Cold("kubectl", _kubectl + " | Out-Null")] : Array.Empty<Case>()];
        Figures[] figures = await Turns.MeasureAsync(_options.Rounds, cases);
        Comparison comparison = Comparison.Over(figures[1], figures[0], Bare, size == 10 ? 110 : null);
        if (HasKubectl)
        {
            _table.Add($"cold: kubectl's pipeline, {Number(size)}", figures[2], Comparison.Over(figures[2], figures[0], Bare, null));
            comparison = comparison.And(Comparison.Times(figures[1], figures[2], "kubectl", 1));
        }

        _table.Add($"cold: list of {Number(size)}", figures[1], comparison);
    }

    private async Task WarmAsync(int size)
    {
        using Session session = await OpenAsync();
        await session.ExpectAsync("Get-K3sBootstrapToken", size);
        Case list = new("list", () => session.TimeAsync("Get-K3sBootstrapToken"));
        Figures[] figures = await Turns.MeasureAsync(RoundsOf(size), [list, .. Floors(_floor)]);
        Comparison comparison = AddFloors("warm", size, figures, size == RelayedTokens ? 1.2 : null);
        if (size == 10)
        {
            comparison = Comparison.None(figures[0], 5).And(comparison);
        }

        if (HasKubectl)
        {
            comparison = comparison.And(await BesideKubectlAsync(size, list));
        }

        _table.Add($"warm: list of {Number(size)}", figures[0], comparison);
    }

    // Apart from the floors: after seconds of other processes nothing is where it was, in no cache of the processor's.
    private async Task<Comparison> BesideKubectlAsync(int size, Case list)
    {
        using Session session = new(_powerShell);
        await session.ExpectAsync(_kubectl, size);
        string name = size == 10 ? "one kubectl call" : "kubectl's pipeline";
        string script = size == 10 ? KubectlCall : _kubectl;
        Figures[] figures = await Turns.MeasureAsync(_options.Rounds, list, new Case(name, () => session.TimeAsync(script)));
        _table.Add($"warm: {name}, {Number(size)}", figures[1]);
        return Comparison.Times(figures[0], figures[1], name, 0.1);
    }

    private static IEnumerable<Case> Floors(Floor floor) => Paging.All.Select(paging => new Case(paging.Name, () => floor.ListAsync(paging)));

    /// <summary>How the list, the first of the figures, compares with the ways in which a bare client can fetch it, which follow.</summary>
    private Comparison AddFloors(string group, int size, Figures[] figures, double? most)
    {
        for (int i = 0; i < Paging.All.Count; i++)
        {
            _table.Add($"{group}: the floor, {Number(size)}, {Paging.All[i].Name}", figures[1 + i]);
        }

        Figures quickest = figures.Skip(1).Take(Paging.All.Count).MinBy(floor => floor.Median)!;
        return Comparison.Times(figures[0], figures[1], "the same pages", most).And(Comparison.Times(figures[0], quickest, "the quickest floor", null));
    }

    private async Task FirstAsync(int size)
    {
        using Session session = await OpenAsync();
        Case first = new("first", () => session.TimeAsync("Get-K3sBootstrapToken | Select-Object -First 1"));
        Figures[] figures = await Turns.MeasureAsync(RoundsOf(size), first);
        _table.Add($"warm: first object of {Number(size)}", figures[0], Comparison.None(figures[0], 30));
    }

    private async Task MemoryAsync(int size)
    {
        string stream = $"{_import}; Get-K3sBootstrapToken | Where-Object Expired";
        Figures[] figures = await Turns.MeasureAsync(
            Math.Min(_options.Rounds, 3),
            new Case(Bare, () => Processes.PeakAsync(_powerShell, "$null")),
            new Case("stream", () => Processes.PeakAsync(_powerShell, stream)));
        _table.Add($"peak memory while {Number(size)} stream", figures[1], Comparison.Over(figures[1], figures[0], Bare, 40, "MiB"), "MiB");
    }

    // What takes a few milliseconds is taken more often: a single hiccup of the machine is as long.
    private int RoundsOf(int size) => size == 10 ? 4 * _options.Rounds : _options.Rounds;

    // Each context is a cluster of its own to the module, with its own connection, although all lead to one server here.
    private async Task ContextsAsync()
    {
        using Session session = await OpenAsync();
        string[] kubeconfigs = [.. Contexts.Select(_cluster.KubeconfigOfContexts)];
        Figures[] figures = await Turns.MeasureAsync(
            _options.Rounds,
            [.. kubeconfigs.Select(path => new Case(path, () => session.TimeAsync($"Get-K3sBootstrapToken -Kubeconfig {Quoted(path)} -Context *")))]);
        for (int i = 0; i < figures.Length; i++)
        {
            _table.Add($"warm: list of 10, {Number(Contexts[i])} contexts", figures[i], Comparison.Times(figures[i], figures[0], "one", null));
        }
    }

    private async Task RelayAsync()
    {
        using Relay relay = new(_floor.Server);
        string far = _cluster.KubeconfigThrough(_floor.Server, relay.Port);
        using Floor floor = new(far);
        using Session session = await OpenAsync();
        Figures[] figures = await Turns.MeasureAsync(
            _options.Rounds,
            [new Case("list", () => session.TimeAsync($"Get-K3sBootstrapToken -Kubeconfig {Quoted(far)}")), .. Floors(floor)]);
        Comparison comparison = Comparison.None(figures[0], 300).And(AddFloors(Line, RelayedTokens, figures, null));
        _table.Add($"{Line}: list of {Number(RelayedTokens)}", figures[0], comparison);
    }

    private async Task BulkAsync()
    {
        using Session session = await OpenAsync();
        bool hasKubectl = HasKubectl && !_cluster.IsSandbox;
        if (HasKubectl && !hasKubectl)
        {
            _table.Skip("bulk: kubectl's loop", "kubectl creates with protobuf, which the sandbox does not take");
        }

        await session.TimeAsync($"$wanted = 1..{BulkTokens} | ForEach-Object {{ [pscustomobject]@{{ Description = \"bench $_\" }} }}");
        Case[] cases =
        [
            new Case("create", () => session.TimeAsync("$tokens = $wanted | New-K3sBootstrapToken")),
            new Case("remove", () => session.TimeAsync("$tokens | Remove-K3sBootstrapToken")),
            .. AtOnce.SelectMany(atOnce => new[]
            {
                new Case("", () => _floor.CreateAsync("f", 0, BulkTokens, atOnce)),
                new Case("", () => _floor.RemoveAsync("f", BulkTokens, atOnce)),
            }),
            .. hasKubectl
                ? [new Case("", () => session.TimeAsync(KubectlLoop("create"))), new Case("", () => session.TimeAsync(KubectlLoop("delete")))]
                : Array.Empty<Case>(),
        ];
        Figures[] figures = await Turns.MeasureAsync(Math.Min(_options.Rounds, 5), together: 2, cases);
        for (int i = 0; i < 2; i++)
        {
            string verb = cases[i].Name;
            int best = Enumerable.Range(0, AtOnce.Length).MinBy(n => figures[2 + (2 * n) + i].Median);
            Figures floor = figures[2 + (2 * best) + i];
            Comparison comparison = Comparison.Times(figures[i], floor, "the floor", 1.2);
            _table.Add($"bulk: the floor, {verb} {Number(BulkTokens)}, {AtOnce[best]} at once", floor);
            if (hasKubectl)
            {
                Figures kubectl = Scaled(figures[2 + (2 * AtOnce.Length) + i], BulkTokens / KubectlSample);
                _table.Add($"bulk: kubectl's loop, {verb} {Number(BulkTokens)} ({KubectlSample} measured)", kubectl);
                comparison = comparison.And(Comparison.Times(figures[i], kubectl, "kubectl", 1 / 40.0));
            }

            _table.Add($"bulk: {verb} {Number(BulkTokens)}", figures[i], comparison);
        }
    }

    private string KubectlCall =>
        $"& {Quoted(_options.Kubectl ?? "")} get secrets -n kube-system --field-selector type=bootstrap.kubernetes.io/token -o json";

    private string KubectlLoop(string verb)
    {
        string kind = verb == "create"
            ? "secret generic \"bootstrap-token-k0000$_\" --type bootstrap.kubernetes.io/token --from-literal=description=bench"
            : "secret \"bootstrap-token-k0000$_\"";
        return $"0..{KubectlSample - 1} | ForEach-Object {{ & {Quoted(_options.Kubectl!)} {verb} {kind} -n kube-system }}";
    }

    private async Task<Session> OpenAsync()
    {
        Session session = new(_powerShell);
        await session.TimeAsync(_import);
        return session;
    }

    private async Task<string> MakeEmptyModuleAsync()
    {
        string manifest = Path.Combine(_folder.FullName, "Empty.psd1");
        const string Source =
            "using System.Management.Automation; [Cmdlet(\"Get\", \"Empty\")] public sealed class GetEmptyCommand : PSCmdlet { }";
        string make = $"Add-Type -TypeDefinition {Quoted(Source)} -OutputType Library -OutputAssembly {Quoted(Path.ChangeExtension(manifest, "dll"))}; "
            + $"New-ModuleManifest {Quoted(manifest)} -RootModule Empty.dll -CmdletsToExport Get-Empty -FunctionsToExport @() -AliasesToExport @()";
        await Processes.TimeAsync(_powerShell, make);
        return manifest;
    }

    private Case Cold(string name, string script) => new(name, () => Processes.TimeAsync(_powerShell, script));

    private static Figures Scaled(Figures figures, double times) => new([.. figures.Rounds.Select(round => round * times)]);

    private static string Number(int number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
