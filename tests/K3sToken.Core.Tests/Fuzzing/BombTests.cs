using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;
using BundleCA = K3sToken.Tests.Tokens.Certificates.TestCA;

namespace K3sToken.Tests.Fuzzing;

/// <summary>
/// Inputs that are made to take time or memory: within the limits each is refused with the error that its reader promises, or, where it is
/// only large, read.
/// </summary>
public sealed class BombTests
{
    private const int Huge = 100 << 20;

    private static readonly Dictionary<string, (ErrorId? Expected, Action<KubeconfigFolder> Read)> Bombs = new()
    {
        ["A kubeconfig whose aliases multiply"] = (ErrorId.KubeconfigInvalid, Text(Aliases("[x, x, x, x, x, x, x, x, x, x]", 10, 10))),
        ["A kubeconfig whose aliases multiply one long text"] = (
            ErrorId.KubeconfigInvalid,
            folder => folder.Resolve(
                "{server: 'https://h', extensions: [{name: client.authentication.k8s.io/exec, extension: ["
                + $"&x {new string('x', 500_000)}{Repeated(", *x", 5_000)}]}}]}}")),
        ["A kubeconfig whose merges multiply"] = (
            ErrorId.KubeconfigInvalid,
            Text($"a: &a {{{Repeated(i => $"k{i}: x, ", 1_000)}}}\nb:\n{Repeated("- {<<: *a}\n", 1_000)}")),
        ["A kubeconfig of lists in lists"] = (ErrorId.KubeconfigInvalid, Text(new string('[', 1 << 20))),
        ["A kubeconfig of keys in keys"] = (ErrorId.KubeconfigInvalid, Text(Repeated("{a: ", 1 << 18))),
        ["A kubeconfig of 100 MiB"] = (ErrorId.KubeconfigInvalid, folder => folder.Open(HugeFile(folder)).Resolve(null)),
        ["A kubeconfig with more nodes than anyone needs"] = (ErrorId.KubeconfigInvalid, Text($"a:\n{Repeated("- x\n", 900_000)}")),
        ["A kubeconfig of thousands of contexts"] = (null, Text(Contexts(3_000))),
        ["A user who acts with thousands of keys"] = (
            null, folder => folder.Resolve(user: $"{{as: x, as-user-extra: {{{Repeated(i => $"k{i}: [x], ", 20_000)}}}}}")),
        ["A certificate-authority file of 100 MiB"] = (
            ErrorId.KubeconfigInvalid,
            folder => folder.Resolve($"{{server: 'https://h', certificate-authority: '{HugeFile(folder)}'}}")),
        ["A token file of 100 MiB"] = (
            ErrorId.AuthenticationFailed, folder => LogIn(folder.Resolve(user: $"{{tokenFile: '{HugeFile(folder)}'}}"))),
        ["A CA file of 100 MiB"] = (ErrorId.ServerCertificateUntrusted, folder => CAFile.Read(HugeFile(folder))),
        ["A CA bundle of 100 MiB"] = (ErrorId.ServerError, Bundle(new byte[Huge])),
        ["A CA bundle of blocks that nothing ends"] = (ErrorId.ServerError, Bundle(Bytes(Repeated("-----BEGIN A-----\n", 50_000)))),
        ["A client certificate of blocks that nothing ends"] = (
            ErrorId.KubeconfigInvalid,
            _ => ClientCertificate.Load(Bytes(Repeated(i => $"-----BEGIN {i}-----\n", 40_000)), [], "user 'x'").Dispose()),
        ["A CA whose names and constraints multiply"] = (ErrorId.ServerCertificateUntrusted, Bundle(Constrained(12_000))),
        ["A page of a million Secrets"] = (
            ErrorId.ServerError,
            Page($"{{\"kind\":\"SecretList\",\"items\":[{Repeated("{\"metadata\":{\"name\":\"a\"}},", 1_000_000)}")),
        ["A page of lists in lists"] = (ErrorId.ServerError, Page(new string('[', 1 << 20))),
        ["A Secret of objects in objects"] = (
            ErrorId.ServerError, _ => AnswerTargets.Secrets.Read(Bytes($"{{\"kind\":\"Secret\",\"x\":{Repeated("{\"a\":", 100_000)}"))),
        ["A Status of lists in lists"] = (null, _ => AnswerTargets.Statuses.Read(Bytes(new string('[', 1 << 20)))),
        ["An exec plugin's output of lists in lists"] = (
            ErrorId.AuthenticationFailed, _ => FuzzTargets.ExecCredentials.Read(Bytes($"{{\"spec\":{new string('[', 1 << 20)}"))),
        ["A token of 1 MB"] = (ErrorId.InvalidTokenFormat, _ => new JoinToken(new string('x', 1_000_000).AsSpan(), asPlainText: false)),
        ["A token of 1 MB that is all but whole"] = (
            ErrorId.InvalidTokenFormat, _ => IntactToken.Parse($"\"K10{new string('a', 1_000_000)}:".AsSpan()).Dispose()),
        ["A duration of 1 MB"] = (
            null, _ => Assert.Throws<FormatException>(() => Duration.Parse(Repeated("1ns", 300_000) + "x", zeroAllowed: true))),
    };

    public static IEnumerable<TheoryDataRow<string>> Names =>
        Bombs.Keys.Select(name => new TheoryDataRow<string>(name) { TestDisplayName = name });

    [Theory]
    [MemberData(nameof(Names))]
    public void Costs_little(string bomb)
    {
        (ErrorId? expected, Action<KubeconfigFolder> read) = Bombs[bomb];
        using KubeconfigFolder folder = new();
        Limits.Watch(begin =>
        {
            begin(bomb);
            string? problem = Limits.Broken(() => read(folder), out Exception? thrown);
            Assert.True(problem is null, problem);
            Assert.Equal(expected, (thrown as K3sTokenException)?.Id);
        });
    }

    private static Action<KubeconfigFolder> Text(string kubeconfig) => folder => folder.OpenText(kubeconfig).Resolve(null);

    private static Action<KubeconfigFolder> Page(string body)
    {
        byte[] bytes = Bytes(body);
        return _ => AnswerTargets.SecretPages.Read(bytes);
    }

    private static Action<KubeconfigFolder> Bundle(byte[] bundle) => _ => CAHash.Compute(bundle, BundleCA.Now);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Repeated(string piece, int times) => string.Concat(Enumerable.Repeat(piece, times));

    private static string Repeated(Func<int, string> piece, int times) => string.Concat(Enumerable.Range(0, times).Select(piece));

    private static string Aliases(string first, int width, int levels) =>
        $"a0: &a0 {first}\n" + Repeated(i => $"a{i + 1}: &a{i + 1} [{string.Join(", ", Enumerable.Repeat($"*a{i}", width))}]\n", levels);

    private static string Contexts(int count) => $"""
        current-context: c{count - 1}
        contexts:
        {Repeated(i => $"- {{name: c{i}, context: {{cluster: c{i}, user: u}}}}\n", count)}
        clusters:
        {Repeated(i => $"- {{name: c{i}, cluster: {{server: 'https://host{i}:6443'}}}}\n", count)}
        users:
        - name: u
        """;

    private static string HugeFile(KubeconfigFolder folder)
    {
        string path = folder.PathOf("huge");
        using FileStream file = File.Create(path);
        file.SetLength(Huge);
        return path;
    }

    private static void LogIn(ClusterContext context)
    {
        using ClusterLogin login = new(context);
        login.GetAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>A certificate with so many names below a CA that excludes as many others.</summary>
    private static byte[] Constrained(int count)
    {
        X509Extension constraints = BundleCA.Extension("2.5.29.30", NameConstraints(count), critical: true);
        BundleCA root = BundleCA.Root(constraints);
        SubjectAlternativeNameBuilder names = new();
        for (int i = 0; i < count; i++)
        {
            names.AddDnsName($"name{i}.example.com");
        }

        return BundleCA.Bundle(root.Issue(names.Build()), root);
    }

    private static string NameConstraints(int count)
    {
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 1)))
        {
            for (int i = 0; i < count; i++)
            {
                using (writer.PushSequence())
                {
                    writer.WriteCharacterString(
                        System.Formats.Asn1.UniversalTagNumber.IA5String,
                        $"other{i}.example.com",
                        new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 2));
                }
            }
        }

        return Convert.ToHexStringLower(writer.Encode());
    }
}
