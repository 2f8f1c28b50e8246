using System.Management.Automation;
using K3sToken.Supervisor;

namespace K3sToken.PowerShell.Commands;

/// <summary>Says where each server stands in a rotation. Nothing is changed.</summary>
[Cmdlet(VerbsCommon.Get, "K3sTokenRotation")]
[OutputType(typeof(TokenRotationServer))]
public sealed class GetTokenRotationCommand : RotationWatchCommand
{
    private protected override void Watch(RotationWatch watch) => WriteObject(Look(watch).Servers, enumerateCollection: true);
}
