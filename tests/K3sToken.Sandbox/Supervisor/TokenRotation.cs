using System.Linq;
using K3sToken.Sandboxing.Datastore;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Changes the server token, step by step as K3s does, so that after a failure is done what was done.</summary>
internal static class TokenRotation
{
    /// <exception cref="SupervisorException">A step has failed.</exception>
    /// <exception cref="DatastoreException">A step has failed at the datastore.</exception>
    public static void Run(SupervisorProcess process, string newToken, RotationFault fault)
    {
        lock (process.Datastore.Gate)
        {
            PasswordFile passwords = PasswordFile.Read(process.Directory.PasswordFile);
            string old = passwords.PasswordOf(PasswordFile.Server) ?? throw new SupervisorException("server token not found");
            string password = SupervisorProcess.Normal(newToken.Length == 0 ? ServerToken.Random() : newToken);
            FailAt(RotationFault.ErrorBeforeChange, fault);
            WriteFiles(process, passwords, old, password);
            FailAt(RotationFault.ErrorAfterFiles, fault);
            string read = SupervisorProcess.Normal(process.Directory.Token);
            Encrypt(process.Datastore, SupervisorProcess.Normal(old), fault == RotationFault.ErrorWithOtherKey ? "not " + read : read);
            FailAt(RotationFault.ErrorAfterDatastore, fault);
            process.Save(password);
        }
    }

    private static void WriteFiles(SupervisorProcess process, PasswordFile passwords, string old, string password)
    {
        passwords.Set(PasswordFile.Server, password);
        if (passwords.PasswordOf(PasswordFile.Node) == old && process.AgentToken is null)
        {
            passwords.Set(PasswordFile.Node, password);
        }

        passwords.Write(process.Directory.PasswordFile);
        process.WriteServerToken(password);
    }

    private static void Encrypt(BootstrapDatastore datastore, string old, string password)
    {
        if (old == password || datastore.Keys.FirstOrDefault(row => row.Key == BootstrapCipher.KeyOf(old)) is not { } row)
        {
            return;
        }

        byte[] data = BootstrapCipher.Decrypt(old, row.Value) ?? throw new SupervisorException("cipher: message authentication failed");
        datastore.Create(BootstrapCipher.KeyOf(password), BootstrapCipher.Encrypt(password, data));
        datastore.Delete(row.Key);
    }

    private static void FailAt(RotationFault step, RotationFault fault)
    {
        if (step == fault)
        {
            throw new SupervisorException("the sandbox was told to fail here");
        }
    }
}
