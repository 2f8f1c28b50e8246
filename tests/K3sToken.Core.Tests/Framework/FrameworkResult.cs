using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace K3sToken.Tests.Framework;

/// <summary>What became of one test in a process of its own.</summary>
/// <param name="Name">The test's name.</param>
/// <param name="Outcome">Pass, Fail or Skip.</param>
/// <param name="Text">Why it failed or was skipped.</param>
internal sealed record FrameworkResult(string Name, string Outcome, string Text)
{
    private const string NoCertificates = "Mono makes no certificates, which this test needs.";
    private const string NoCurves = "Mono has no elliptic curves.";

    // What a platform lacks that only stands in for .NET Framework, by the words in which it says so.
    private static readonly Dictionary<string, string> Gaps = new()
    {
        ["X509Certificates.CertificateRequest"] = NoCertificates,
        ["X509Certificates.SubjectAlternativeNameBuilder"] = NoCertificates,
        ["the Ecdsa signature of a CA certificate: The method or operation is not implemented."] = NoCurves,
        ["System.Security.Cryptography.ECDsa.Create"] = NoCurves,
        ["Cannot decode public key from unknown OID '1.2.840.10045.2.1'"] = NoCurves,
        ["Windows Cryptography Next Generation (CNG) is not supported"] = "The .NET Framework build verifies PSS with Windows' CNG.",
    };

    public static FrameworkResult Of(XElement test)
    {
        string name = test.Attribute("name")!.Value;
        string text = string.Concat(test.Elements("failure").Elements().Select(part => part.Value + "\n")) + test.Element("reason")?.Value;
        string outcome = test.Attribute("result")!.Value;
        return outcome == "Fail" && Gaps.FirstOrDefault(gap => text.Contains(gap.Key, StringComparison.Ordinal)).Value is { } gap
            ? new FrameworkResult(name, "Skip", gap)
            : new FrameworkResult(name, outcome, text);
    }
}
