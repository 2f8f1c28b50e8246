namespace K3sToken.Tokens;

internal static class CAHash
{
    public static string Compute(byte[] bundle) => throw new System.NotSupportedException();
}
