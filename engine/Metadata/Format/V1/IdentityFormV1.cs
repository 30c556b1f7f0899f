using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Identity row.</summary>
internal static class IdentityFormV1
{
    internal static void Write(ByteWriter to, IdentityRecord identity)
    {
        to.Text(identity.Name);
        to.Text(identity.AccessKey);
        to.Text(identity.SecretKey);
        to.Text(identity.CanonicalId);
        to.Text(identity.Email);
        to.Bool(identity.IsRoot);
    }

    internal static IdentityRecord Read(ref ByteReader from) => new()
    {
        Name = from.Text(),
        AccessKey = from.Text(),
        SecretKey = from.Text(),
        CanonicalId = from.Text(),
        Email = from.Text(),
        IsRoot = from.Bool(),
    };
}
