# A rotation from the first look to the last, as an admin does it, and back again.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    $cluster = Start-Cluster '--servers', '3', '--agents', '1'
    $first, $second, $third = $cluster.Servers

    function Restart-Server([int] $Number, [securestring] $Token) {
        $answer = Invoke-Prompt $cluster "restart $Number $(ConvertFrom-SecureString $Token -AsPlainText)"
        if ($answer -ne "server-$Number has started.") {
            throw $answer
        }
    }

    # Rotates the token and restarts one server after the other; what was seen in between, a line each.
    function Invoke-Rotation($Token) {
        $result = Invoke-K3sTokenRotation $cluster.Servers -Token $Token -Kubeconfig $env:KUBECONFIG -Confirm:$false
        "$($result.State) $($result.Servers.State)"
        foreach ($number in 1..3) {
            Restart-Server $number $result.NewToken
            "$(($result | Get-K3sTokenRotation).State)"
        }

        "$(($result | Wait-K3sTokenRotation -Timeout 1m).State)"
        $result
    }
}

AfterAll {
    Stop-Cluster $cluster
}

Describe 'A rotation of three servers' {
    It 'begins with a token that all of them accept' {
        $old = Get-K3sServerToken $cluster.Data[0]
        ($old | Test-K3sToken -Server $cluster.Servers).Kind | Should -Be 'Server', 'Server', 'Server'
        $old | Test-K3sToken -Server $cluster.Servers -Quiet | Should -BeTrue
    }

    It 'goes from server to server until all have the new token, and back again' {
        $old = ConvertTo-SecureString $cluster.Token -AsPlainText -Force
        $seen = Invoke-Rotation $old
        $there = $seen[-1]
        $seen[0..4] | Should -Be @(
            'PendingRestart PendingRestart PendingRestart PendingRestart'
            'Rotated PendingRestart PendingRestart'
            'Rotated Rotated PendingRestart'
            'Rotated Rotated Rotated'
            'Rotated Rotated Rotated'
        )
        $there.RestartNodes | Should -Be 'server-1', 'server-2', 'server-3', 'agent-1'
        $there.Warnings | Should -BeNullOrEmpty
        $there.NewToken | Test-K3sToken -Server $cluster.Servers -Quiet | Should -BeTrue
        $old | Test-K3sToken -Server $cluster.Servers -Quiet | Should -BeFalse
        1..3 | ForEach-Object { Get-FilePassword $cluster $_ | Should -BeExactly (ConvertFrom-SecureString $there.NewShortToken -AsPlainText) }

        # The same with the values exchanged.
        $back = Invoke-K3sTokenRotation $cluster.Servers -Token $there.NewToken -NewToken $old -Confirm:$false -WarningAction Ignore
        $back.OldTokenHash, $back.NewTokenHash | Should -Be $there.NewTokenHash, $there.OldTokenHash
        1..3 | ForEach-Object { Restart-Server $_ $back.NewToken }
        ($back | Wait-K3sTokenRotation -Timeout 1m).State | Should -Be 'Rotated', 'Rotated', 'Rotated'
        $old | Test-K3sToken -Server $cluster.Servers -Quiet | Should -BeTrue
        1..3 | ForEach-Object { Get-FilePassword $cluster $_ | Should -BeExactly $cluster.Password }
    }

    It 'shows a server that was started with the old token, and so does not start' {
        $result = Invoke-K3sTokenRotation $cluster.Servers -Token $cluster.Token -Confirm:$false -WarningAction Ignore
        Invoke-Prompt $cluster "restart 2 $($cluster.Password)" | Should -BeLike 'server-2 has not started*encrypted with different token'
        ($result | Get-K3sTokenRotation).State | Should -Be 'PendingRestart', 'Unreachable', 'PendingRestart'
        Invoke-K3sTokenRotation $cluster.Servers -Token $cluster.Token -Confirm:$false -ErrorVariable refused -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $refused.FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
        1..3 | ForEach-Object { Restart-Server $_ $result.NewToken }
        ($result | Wait-K3sTokenRotation -Timeout 1m).State | Should -Be 'Rotated', 'Rotated', 'Rotated'
    }
}
