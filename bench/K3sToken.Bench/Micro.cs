using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Bench;

/// <summary>Core's hot functions, with what they allocate.</summary>
[MemoryDiagnoser]
public class Micro
{
    private const string JoinToken = "K100123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef::abcdef.0123456789abcdef";
    private const int PageSize = 500;

    private static readonly ClusterContext Context =
        new() { Name = "default", Server = new Uri("https://127.0.0.1:6443"), User = new ClusterUser() };

    private readonly DateTime _now = DateTime.UtcNow;
    private byte[] _page = [];
    private byte[] _bundle = [];
    private SecretResource _secret = null!;

    /// <summary>Runs them and adds a row for each. In this process: BenchmarkDotNet's own way is to build a project, which needs a feed.</summary>
    internal static void Run(Table table)
    {
        IConfig config = ManualConfig.CreateEmpty()
            .AddColumnProvider([])
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        foreach (BenchmarkReport report in BenchmarkRunner.Run<Micro>(config).Reports)
        {
            double[] microseconds = [.. report.AllMeasurements
                .Where(m => m is { IterationMode: IterationMode.Workload, IterationStage: IterationStage.Result })
                .Select(m => m.Nanoseconds / m.Operations / 1000)];
            long? bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
            string name = report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
            table.Add(name, new Figures(microseconds), new Comparison($"{bytes:#,0} bytes allocated", "", null), "µs");
        }
    }

    [GlobalSetup]
    public async Task SetUp()
    {
        List<string> items = [];
        for (int i = 0; i < PageSize; i++)
        {
            using Secret half = RandomText.BootstrapSecret();
            using SecretBuffer body = BootstrapTokenBody.Create(new NewBootstrapToken { Description = "bench" }, $"b{i:00000}", half, _now.AddYears(1));
            items.Add(Encoding.UTF8.GetString(body.Written.Span));
        }

        string page = $$"""{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[{{string.Join(',', items)}}]}""";
        _page = Encoding.UTF8.GetBytes(page);
        _secret = (await ReadPage()).Items[0];
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=k3s-server-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 authority = request.CreateSelfSigned(_now.AddDays(-1), _now.AddYears(10));
        _bundle = Encoding.ASCII.GetBytes(authority.ExportCertificatePem() + "\n");
    }

    [Benchmark(Description = "join token parsed")]
    public int ParseToken()
    {
        using JoinTokenText token = JoinTokenText.Parse(JoinToken);
        return token.Id.Length;
    }

    [Benchmark(Description = "CA bundle hashed")]
    public string Hash() => CAHash.Compute(_bundle);

    [Benchmark(Description = "Secret made a token")]
    public BootstrapToken ReadToken() => BootstrapTokenReader.Read(_secret, Context, _now);

    [Benchmark(Description = "page of 500 Secrets read from JSON")]
    public async Task<SecretPage> ReadPage()
    {
        using HttpResponseMessage answer = new() { Content = new ByteArrayContent(_page) };
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SecretPageReader.ReadAsync(answer, null, CancellationToken.None);
    }
}
