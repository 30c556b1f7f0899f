using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Identities. There are few: setting one reads them all.</summary>
internal static class IdentityCommands
{
    internal static async ValueTask<CommandResult> SetAsync(Transition transition, SetIdentityCommand command)
    {
        List<IdentityRecord> present = await ListAsync(transition.State);
        foreach (IdentityRecord other in present)
        {
            if (other.AccessKey == command.Identity.AccessKey && other.Name != command.Identity.Name)
            {
                return new CommandResult { Error = MetadataError.AccessKeyInUse };
            }
        }

        transition.Batch.Put(RowKeys.Identity(command.Identity.Name), RowFormat.Encode(command.Identity));
        return new CommandResult();
    }

    internal static async ValueTask<CommandResult> RemoveAsync(Transition transition, RemoveIdentityCommand command)
    {
        byte[] key = RowKeys.Identity(command.Name);
        if (await transition.State.GetAsync(key) is null)
        {
            return new CommandResult { Error = MetadataError.NoSuchIdentity };
        }

        transition.Batch.Delete(key);
        return new CommandResult();
    }

    internal static async ValueTask<List<IdentityRecord>> ListAsync(IReadView state)
    {
        var identities = new List<IdentityRecord>();
        using IScan scan = state.Scan(new[] { Tables.Identities }, new[] { (byte)(Tables.Identities + 1) });
        while (await scan.NextAsync())
        {
            identities.Add(RowFormat.DecodeIdentity(scan.Value.Span));
        }

        return identities;
    }
}
