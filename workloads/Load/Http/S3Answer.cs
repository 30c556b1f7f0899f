using System;
using System.Net;
using System.Net.Http;

namespace ObjectStore.Workloads.Load.Http;

/// <summary>An answer, or none: then whether the request took effect is unknown.</summary>
internal sealed class S3Answer : IDisposable
{
    internal S3Answer(HttpResponseMessage? response, string failure) => (Response, Failure) = (response, failure);

    internal HttpResponseMessage? Response { get; }

    /// <summary>Why there is no answer; empty when there is one.</summary>
    internal string Failure { get; }

    /// <summary>The status; the zero value when there is no answer.</summary>
    internal HttpStatusCode Status => Response?.StatusCode ?? default;

    /// <summary>2xx.</summary>
    internal bool Ok => Response is { IsSuccessStatusCode: true };

    /// <summary>No answer, or one that leaves open what happened (5xx).</summary>
    internal bool IsUnknown => Response is null || (int)Status >= 500;

    internal string ETag => Response?.Headers.ETag?.Tag ?? "";

    public void Dispose() => Response?.Dispose();
}
