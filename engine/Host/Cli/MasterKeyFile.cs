using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Engine.Host;

/// <summary>The secret of server-side encryption: <c>master.key</c> in the data folder, 64 hex digits, mode 0600, made at the first start.</summary>
/// <remarks>Without it no object that was stored with SSE-S3 or SSE-KMS can ever be read again: back it up apart from the data.</remarks>
internal static class MasterKeyFile
{
    internal const int KeyBytes = 32;

    /// <summary>Reads the key, or makes one.</summary>
    /// <exception cref="CommandFailedException">The file is damaged.</exception>
    internal static byte[] Load(DataFolder folder)
    {
        if (!File.Exists(folder.MasterKeyPath))
        {
            byte[] made = RandomNumberGenerator.GetBytes(KeyBytes);
            folder.WriteDurably(folder.MasterKeyPath, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(made) + "\n"));
            return made;
        }

        string text = File.ReadAllText(folder.MasterKeyPath).Trim();
        byte[] key = new byte[KeyBytes];
        return Convert.FromHexString(text, key, out _, out int read) == System.Buffers.OperationStatus.Done && read == KeyBytes
            ? key
            : throw new CommandFailedException(ExitCode.Failed, $"{folder.MasterKeyPath} is damaged: it should be 64 hex digits");
    }
}
