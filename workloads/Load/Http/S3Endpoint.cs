using System;

namespace ObjectStore.Workloads.Load.Http;

/// <summary>Where to send requests and as whom.</summary>
internal sealed record S3Endpoint(Uri Address, string AccessKey, string SecretKey, string Region);
