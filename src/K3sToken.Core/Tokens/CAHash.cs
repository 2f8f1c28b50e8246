namespace K3sToken.Tokens { internal static class CAHash { public static string Compute(byte[] b) => throw new System.NotSupportedException(); } }
