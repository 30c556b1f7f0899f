using System;
using System.Collections.Generic;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Live;

/// <summary>The bucket of a load run.</summary>
public static class LiveBucket
{
    /// <summary>Makes it when it is missing, and sets its versioning.</summary>
    /// <exception cref="InvalidOperationException">The endpoint refuses, or does not answer.</exception>
    public static void Prepare(S3Endpoint endpoint, string bucket, S3Versioning versioning)
    {
        using var client = new LiveS3Client(endpoint, TimeSpan.FromSeconds(60), content: null);
        List<S3Operation> operations = [new S3Operation { Verb = S3Verb.CreateBucket, Bucket = bucket }];
        if (versioning != S3Versioning.Off)
        {
            operations.Add(new S3Operation { Verb = S3Verb.SetVersioning, Bucket = bucket, Versioning = versioning });
        }

        foreach (S3Operation operation in operations)
        {
            S3Result? result = client.Send(operation);
            if (result is not { Ok: true } and not { Status: 409 })
            {
                throw new InvalidOperationException($"bucket {bucket} could not be prepared: {client.KindOf(result)}");
            }
        }
    }
}
