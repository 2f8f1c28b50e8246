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
    // What a platform lacks that only stands in for .NET Framework, by the words in which it says so.
    private static readonly Dictionary<string, string> Gaps = new()
    {
        ["X509Certificates.CertificateRequest"] = "Mono has no CertificateRequest, with which this test makes its certificates.",
        ["the Ecdsa signature of a CA certificate: The method or operation is not implemented."] = "Mono has no elliptic curves.",
        ["System.Security.Cryptography.ECDsa.Create"] = "Mono has no elliptic curves.",
        ["Windows Cryptography Next Generation (CNG) is not supported"] = "The .NET Framework build signs and verifies PSS with Windows' CNG.",
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
