using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>Settings of a node; what it runs on is in <see cref="Kernel.NodeEnvironment"/>.</summary>
public sealed record NodeOptions
{
    /// <summary>The identity that may do everything.</summary>
    public required Identity Root { get; init; }

    /// <summary>Sizes and paces of the disk store.</summary>
    public DiskStoreOptions Store { get; init; } = new();

    /// <summary>Limits and paces of metadata.</summary>
    public MetadataShardOptions Metadata { get; init; } = new();

    /// <summary>Region, domains and limits of the S3 API.</summary>
    public GatewayOptions Gateway { get; init; } = new();
}
