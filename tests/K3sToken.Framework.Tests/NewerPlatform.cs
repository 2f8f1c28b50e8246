using System;
using System.Collections.Generic;
using System.Formats.Asn1;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace System.Runtime.CompilerServices
{
    internal static class IsExternalInit;

    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class ModuleInitializerAttribute : Attribute;
}

namespace System.IO
{
    internal enum UnixFileMode
    {
        None,
    }
}

namespace System.Security.Cryptography.X509Certificates
{
    internal static class X509AuthorityKeyIdentifierExtension
    {
        public static X509Extension CreateFromSubjectKeyIdentifier(X509SubjectKeyIdentifierExtension subjectKey)
        {
            AsnWriter writer = new(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                byte[] identifier = AsnDecoder.ReadOctetString(subjectKey.RawData, AsnEncodingRules.DER, out _);
                writer.WriteOctetString(identifier, new Asn1Tag(TagClass.ContextSpecific, 0));
            }

            return new X509Extension("2.5.29.35", writer.Encode(), critical: false);
        }

        public static X509Extension CreateFromCertificate(X509Certificate2 certificate, bool includeKeyIdentifier, bool includeIssuerAndSerial) =>
            CreateFromSubjectKeyIdentifier(certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single());
    }
}

namespace K3sToken.Tests
{
    /// <summary>What the tests call of newer platforms, so that the same files are compiled for .NET Framework.</summary>
    internal static class NewerPlatform
    {
        extension(Convert)
        {
            public static string ToHexStringLower(byte[] bytes) => string.Concat(bytes.Select(b => $"{b:x2}"));

            public static byte[] FromHexString(string text) =>
                [.. Enumerable.Range(0, text.Length / 2).Select(i => Convert.ToByte(text.Substring(2 * i, 2), 16))];
        }

        extension(SHA256)
        {
            public static byte[] HashData(byte[] data)
            {
                using SHA256 sha256 = SHA256.Create();
                return sha256.ComputeHash(data);
            }
        }

        extension(OperatingSystem)
        {
            public static bool IsLinux() => RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

            public static bool IsWindows() => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
        }

        extension(Environment)
        {
            public static bool IsPrivilegedProcess => Environment.UserName == "root";
        }

        extension(Directory)
        {
            public static DirectoryInfo CreateTempSubdirectory(string prefix) =>
                Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), prefix + Path.GetRandomFileName()));
        }

        extension(File)
        {
            public static void SetUnixFileMode(string path, UnixFileMode mode) => _ = ChangeMode(Encoding.UTF8.GetBytes(path + '\0'), (int)mode);
        }

        extension(Encoding)
        {
            public static Encoding Latin1 => Encoding.GetEncoding(28591);
        }

        extension(string)
        {
            public static string Join(char separator, params IEnumerable<string> parts) => string.Join(separator.ToString(), parts);
        }

        extension(string text)
        {
            public string[] Split(char separator, int count) => text.Split([separator], count);
        }

        extension(StringBuilder builder)
        {
            public StringBuilder Append(IFormatProvider provider, FormattableString text) => builder.Append(text.ToString(provider));
        }

        extension(Random random)
        {
            public long NextInt64(long end) => (long)(random.NextDouble() * end);
        }

        extension(Dictionary<string, string> values)
        {
            public string? GetValueOrDefault(string key) => values.TryGetValue(key, out string? value) ? value : null;
        }

        extension(X509Certificate2 certificate)
        {
            public string ExportCertificatePem() =>
                $"-----BEGIN CERTIFICATE-----\n{Convert.ToBase64String(certificate.RawData)}\n-----END CERTIFICATE-----";
        }

        extension(ECDsa key)
        {
            // For client certificates, which are not tried here.
            public string ExportECPrivateKeyPem() => throw new NotSupportedException($"{key.KeySize} bits");
        }

        [DllImport("libc", EntryPoint = "chmod")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int ChangeMode(byte[] path, int mode);
    }
}
