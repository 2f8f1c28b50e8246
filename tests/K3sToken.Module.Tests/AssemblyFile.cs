using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace K3sToken.ModuleTests;

/// <summary>An assembly's metadata, read from its file: nothing of it is loaded, so that both editions can be looked at anywhere.</summary>
internal sealed class AssemblyFile : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;

    public AssemblyFile(string path)
    {
        _file = new PEReader([.. File.ReadAllBytes(path)]);
        _metadata = _file.GetMetadataReader();
    }

    public Version Version => _metadata.GetAssemblyDefinition().Version;

    public IEnumerable<string> References =>
        _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name));

    public IEnumerable<(string Name, Version Version)> VersionedReferences =>
        from handle in _metadata.AssemblyReferences
        let reference = _metadata.GetAssemblyReference(handle)
        select (_metadata.GetString(reference.Name), reference.Version);

    /// <summary>The cmdlets that its public classes make, as Verb-Noun.</summary>
    public IEnumerable<string> Cmdlets =>
        from handle in _metadata.TypeDefinitions
        let type = _metadata.GetTypeDefinition(handle)
        where (type.Attributes & (TypeAttributes.VisibilityMask | TypeAttributes.Abstract)) == TypeAttributes.Public
        from attribute in Attributes(type.GetCustomAttributes(), "CmdletAttribute")
        select string.Join('-', Texts(attribute, 2));

    /// <summary>The text of an attribute of the assembly that is made with one.</summary>
    public string Text(string attributeType) => Texts(AssemblyAttributes(attributeType).Single(), 1)[0];

    public bool Has(string attributeType) => AssemblyAttributes(attributeType).Any();

    public void Dispose() => _file.Dispose();

    private IEnumerable<CustomAttribute> AssemblyAttributes(string type) => Attributes(_metadata.GetAssemblyDefinition().GetCustomAttributes(), type);

    private IEnumerable<CustomAttribute> Attributes(CustomAttributeHandleCollection handles, string type) =>
        handles.Select(_metadata.GetCustomAttribute).Where(attribute => TypeName(attribute) == type);

    private string? TypeName(CustomAttribute attribute) =>
        attribute.Constructor.Kind == HandleKind.MemberReference
        && _metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
            ? _metadata.GetString(_metadata.GetTypeReference((TypeReferenceHandle)parent).Name)
            : null;

    private string[] Texts(CustomAttribute attribute, int count)
    {
        BlobReader value = _metadata.GetBlobReader(attribute.Value);
        value.ReadUInt16(); // The prolog that every attribute's value begins with.
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            texts[i] = value.ReadSerializedString() ?? "";
        }

        return texts;
    }
}
