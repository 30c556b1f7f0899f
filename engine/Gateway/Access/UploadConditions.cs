using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Headers of the start of an upload, for policies that ask them of each part and of the completion: clients send them with the start only.</summary>
internal static class UploadConditions
{
    private static readonly string[] Names =
    [
        "x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp",
        "x-amz-object-lock-legal-hold", "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-storage-class", "x-amz-website-redirect-location",
    ];

    /// <summary>Whether a header counts only where an upload starts; what a part says there is not looked at.</summary>
    /// <param name="header">Lower-case name.</param>
    internal static bool AreOfTheStart(string header) => Array.IndexOf(Names, header) >= 0;

    /// <summary>What is to be kept of a start (<see cref="Metadata.UploadRecord.Stated"/>): nothing where no policy asks.</summary>
    internal static List<KeyValuePair<string, string>> Collect(OperationContext context)
    {
        List<KeyValuePair<string, string>> stated = [];
        if (context.TryGetDocument(BucketDocuments.Policy, out _))
        {
            foreach (string name in Names)
            {
                if (context.Headers[name] is { } value)
                {
                    stated.Add(KeyValuePair.Create(name, value));
                }
            }
        }

        return stated;
    }
}
