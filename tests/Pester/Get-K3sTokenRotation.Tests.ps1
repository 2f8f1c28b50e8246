BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Cluster.ps1
    $new = 'the-new-password'
    $cluster = Start-Cluster '--servers', '2'
    $tokens = @{ Token = $cluster.Token; NewToken = $new }
}

AfterAll {
    Stop-Cluster $cluster
}

Describe 'Get-K3sTokenRotation' {
    It 'cannot tell before and after the change apart, while no server was restarted' {
        $before = Get-K3sTokenRotation @tokens -Server $cluster.Servers
        $result = Invoke-K3sTokenRotation $cluster.Servers @tokens -Confirm:$false -WarningAction Ignore
        $after = Get-K3sTokenRotation @tokens -Server $cluster.Servers
        foreach ($servers in $before, $after) {
            $servers | Should -BeOfType ([K3sToken.TokenRotationServer])
            $servers.Server | Should -Be $cluster.Servers
            $servers.State | Should -Be 'OldAccepted', 'OldAccepted'
            $servers.Detail | Should -BeLike '*has not been restarted since*'
        }

        ($result | Get-K3sTokenRotation).State | Should -Be 'PendingRestart', 'PendingRestart'
    }

    It 'knows that the others wait for their restart once one has the new token' {
        Invoke-Prompt $cluster "restart 2 $new" | Out-Null
        (Get-K3sTokenRotation @tokens -Server $cluster.Servers).State | Should -Be 'PendingRestart', 'Rotated'
        (Get-K3sTokenRotation @tokens -Server $cluster.Servers[0]).State | Should -Be 'OldAccepted'
    }

    It 'says of each server where it stands, in their order' {
        $dead = Get-DeadServer
        $servers = Get-K3sTokenRotation @tokens -Server $cluster.Servers[1], $dead, $cluster.Servers[0]
        $servers.Server | Should -Be $cluster.Servers[1], $dead, $cluster.Servers[0]
        $servers.State | Should -Be 'Rotated', 'Unreachable', 'PendingRestart'
        $servers[1].Detail | Should -BeLike '*cannot be reached*'
    }

    It 'says of tokens that nobody accepts that they are not accepted' {
        (Get-K3sTokenRotation "K10$($cluster.Hash)::server:wrong" other -Server $cluster.Servers[0]).State | Should -Be 'NeitherAccepted'
    }

    It 'changes nothing, and shows the tokens on no other path' {
        Get-Request $cluster | Out-Null
        Get-K3sTokenRotation @tokens -Server $cluster.Servers | Out-Null
        $requests = Get-Request $cluster
        $requests.Method | Select-Object -Unique | Should -Be 'GET'
        ($requests | Where-Object Credentials).Path | Select-Object -Unique | Should -Be '/v1-k3s/token'
    }

    It 'asks K3S_URL unless told otherwise' {
        $env:K3S_URL = $cluster.Servers[1]
        try {
            (Get-K3sTokenRotation @tokens).Server | Should -Be $cluster.Servers[1]
        }
        finally {
            Remove-Item env:K3S_URL
        }
    }

    It 'warns where nothing speaks for the CA but the server, and not with -CACertificate' {
        (Get-K3sTokenRotation $cluster.Password $new -Server $cluster.Servers[1] -WarningVariable said -WarningAction SilentlyContinue).State | Should -Be 'Rotated'
        $said | Should -BeLike "*$($cluster.Servers[1]) was taken on trust*"
        Set-Content "$TestDrive/ca.pem" (Get-K3sClusterCA $cluster.Servers[0] -WarningAction Ignore).Pem -NoNewline
        Get-K3sTokenRotation $cluster.Password $new -Server $cluster.Servers[1] -CACertificate "$TestDrive/ca.pem" -WarningVariable said | Out-Null
        $said | Should -BeNullOrEmpty
    }

    It 'sends no token to a server with another CA, and says so' {
        Get-Request $cluster | Out-Null
        $failure = Get-Failure { Get-K3sTokenRotation "K10$('0' * 64)::server:old" $new -Server $cluster.Servers }
        $failure.Id, $failure.Errors.Count | Should -Be 'CAHashMismatch', 2
        $failure.Output.State | Should -Be 'Unreachable', 'Unreachable'
        (Get-Request $cluster).Credentials | Should -Not -Contain $true
    }

    It 'refuses what cannot be a server token: <Name>' -ForEach @(
        @{ Name = 'a bootstrap token'; Old = 'abcdef.0123456789abcdef'; New = 'new'; Id = 'InvalidTokenFormat' }
        @{ Name = 'a new value with a space'; Old = 'old'; New = 'n w'; Id = 'InvalidTokenFormat' }
        @{ Name = 'tokens of two clusters'; Old = "K10$('0' * 64)::server:old"; New = "K10$('1' * 64)::server:new"; Id = 'CAHashMismatch' }
    ) {
        Get-Request $cluster | Out-Null
        (Get-Failure { Get-K3sTokenRotation $Old $New -Server $cluster.Servers }).Id | Should -Be $Id
        Get-Request $cluster | Should -BeNullOrEmpty
    }
}
