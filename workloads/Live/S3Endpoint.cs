using System;

namespace ObjectStore.Workloads.Live;

/// <summary>Where to send requests and as whom.</summary>
/// <param name="Address">Scheme, host and port.</param>
/// <param name="AccessKey">Of the requests' signatures.</param>
/// <param name="SecretKey">The same.</param>
/// <param name="Region">The same.</param>
public sealed record S3Endpoint(Uri Address, string AccessKey, string SecretKey, string Region);
