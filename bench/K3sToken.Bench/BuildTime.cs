using System.Linq;
using System.Reflection;

namespace K3sToken.Bench;

/// <summary>What the build left in the assembly.</summary>
internal static class BuildTime
{
    public static string Value(string name) =>
        typeof(BuildTime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == name).Value!;
}
