# Types each line as a person would, and shows what comes of it.
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [string[]] $Servers)

$PSStyle.OutputRendering = 'PlainText'
$ProgressPreference = 'SilentlyContinue'
Import-Module $Module -ErrorAction Stop

$lines = @(
    'Get-K3sBootstrapToken'
    "New-K3sBootstrapToken -Description 'worker 17' -Ttl 1h"
    "New-K3sBootstrapToken -Description 'worker 18' -Ttl 2s"
    "`$token = New-K3sBootstrapToken -Description 'spare' -Ttl 0 -AsPlainText; `$token.Token -replace '::.*', '::<id>.<secret>'"
    'Start-Sleep 3; Get-K3sBootstrapToken'
    'Get-K3sBootstrapToken | Where-Object Expired | Remove-K3sBootstrapToken -WhatIf'
    'Get-K3sBootstrapToken | Where-Object Expired | Remove-K3sBootstrapToken'
    'Get-K3sBootstrapToken -ExpiringWithin 2h | Set-K3sBootstrapToken -Ttl 7d -PassThru'
    "Remove-K3sBootstrapToken -Id 'zzzzzz'"
    'Get-K3sBootstrapToken'
    'Test-K3sToken $env:K3S_TOKEN -Server $servers'
    'Invoke-K3sTokenRotation -Server $servers -WhatIf'
    '$rotation = Invoke-K3sTokenRotation -Server $servers -Kubeconfig $env:KUBECONFIG -Confirm:$false; $rotation'
    '# Now somebody restarts one server after the other with the new token.'
    '$rotation | Wait-K3sTokenRotation -Timeout 5m'
    'Test-K3sToken $env:K3S_TOKEN -Server $servers -Quiet'
)

foreach ($line in $lines) {
    "PS> $line"
    . ([scriptblock]::Create($line)) 2>&1 |
        ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { "$($_.InvocationInfo.MyCommand): $_" } else { $_ } } |
        Out-String -Width 110 |
        ForEach-Object { $_.TrimEnd() } |
        Where-Object { $_ }
    ''
}
