using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Keeps the record of who set which field.</summary>
internal static class ManagedFields
{
    private const string Update = "Update";

    /// <summary>The new state with the record of what the manager added, changed and took away.</summary>
    public static Secret Record(Secret? before, Secret after, string manager, DateTimeOffset now)
    {
        if (before is not null && after.ManagedFields.IsEmpty)
        {
            // A client has put an end to the record.
            return after;
        }

        FieldSet old = before?.Fields() ?? FieldSet.Empty;
        FieldSet current = after.Fields();
        FieldSet removed = old.Except(current);
        FieldSet set = current.Except(old);
        if (before is not null)
        {
            set = set.Union(after.ModifiedFields(before));
        }

        List<ManagedFieldsEntry> entries = [];
        ManagedFieldsEntry? own = null;
        foreach (ManagedFieldsEntry recorded in after.ManagedFields)
        {
            ManagedFieldsEntry entry = recorded with { Fields = recorded.Fields.ReadAgainst(old) };
            if (entry.Manager == manager && entry.Operation == Update)
            {
                own = entry with { Fields = entry.Fields.Except(removed) };
            }
            else
            {
                entries.Add(entry with { Fields = entry.Fields.Except(removed).Except(set) });
            }
        }

        if (!set.IsEmpty)
        {
            own = new ManagedFieldsEntry(manager, Update, now, set.Union(own?.Fields ?? FieldSet.Empty));
        }

        if (own is not null)
        {
            entries.Add(own);
        }

        return after with { ManagedFields = Sorted(entries) };
    }

    private static ImmutableArray<ManagedFieldsEntry> Sorted(IEnumerable<ManagedFieldsEntry> entries) =>
    [
        .. entries.Where(entry => !entry.Fields.IsEmpty)
            .OrderBy(entry => entry.Operation, StringComparer.Ordinal)
            .ThenBy(entry => entry.Time.ToUnixTimeSeconds())
            .ThenBy(entry => entry.Manager, StringComparer.Ordinal),
    ];
}
