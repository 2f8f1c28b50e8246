# Uses every cmdlet but those that take a rotation to its end, on the server of K3S_URL, whose data directory is given. What is written
# must be the same in every session. It stands by itself, without a word of Pester: sessions of all kinds run it.

function Use-Everything([string] $DataDir) {
    function Write-Facts($Object, [string[]] $Names) {
        foreach ($name in $Names) {
            '{0}: {1}' -f $name, (@($Object.$name) -join ', ')
        }
    }

    $new = New-K3sBootstrapToken iiiiii.0123456789iiiiii -Description 'Iris in IIT' -Usages signing, authentication -Groups system:bootstrappers:iii -Ttl 1.5h
    Write-Facts $new Id, Description, Usages, Groups, NeverExpires, Expired, CanAuthenticate, Problems, CAHashSource, SecretName
    '{0:N0} min' -f ($new.Expires - $new.Created).TotalMinutes
    $new | Set-K3sBootstrapToken -TimeToLive 0 -PassThru | Format-Table -AutoSize | Out-String -Width 160
    $listed = Get-K3sBootstrapToken iiii* -AsPlainText
    Write-Facts $listed Id, ShortToken, NeverExpires, TimeToLive
    Write-Facts (ConvertFrom-K3sToken $listed.ShortToken) Format, Kind, Id
    ConvertTo-K3sToken $listed.ShortToken -Server $env:K3S_URL -AsPlainText -WarningAction SilentlyContinue
    $test = Test-K3sToken $new.Token
    Write-Facts $test Succeeded, Kind, Role, CAVerified, Reason
    Write-Facts $test.Steps Name, Succeeded
    Write-Facts (Get-K3sClusterCA) Kind, TrustedByHost
    $server = Get-K3sServerToken -DataDir $DataDir
    Write-Facts $server Kind, Format, UserName
    (Get-K3sTokenRotation -Token $server.Token -NewToken (New-K3sTokenValue -Kind server)).State
    New-K3sJoinCommand $listed.ShortToken -Server https://k3s.invalid:6443 -As Config -WarningAction SilentlyContinue
    $new | Remove-K3sBootstrapToken -PassThru | ForEach-Object Id

    $ErrorActionPreference = 'Stop'
    foreach ($failing in @(
            { Get-K3sBootstrapToken iiiiii }
            { New-K3sBootstrapToken -Groups system:masters }
            { New-K3sBootstrapToken -Usages signin }
            { New-K3sBootstrapToken -Ttl '1,5h' }
            { ConvertFrom-K3sToken K10ii::iii })) {
        try {
            & $failing
        }
        catch {
            $_.FullyQualifiedErrorId
            $_.Exception.Message
        }
    }
}
