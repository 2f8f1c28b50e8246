BeforeAll {
    . $PSScriptRoot/Common.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
    $server = Get-KubeconfigValue server
    New-StoredToken abcdef @{ description = 'worker 17'; expiration = '2999-12-31T23:59:59Z' }
    New-StoredToken abcxyz
    New-StoredToken 001234
    New-StoredToken 123e45 @{ 'auth-extra-groups' = 'system:bootstrappers:lab' }
    New-StoredToken 1abcde

    # What Tab offers at the end of a line.
    function Complete([string] $Line) {
        (TabExpansion2 $Line $Line.Length).CompletionMatches
    }

    # A kubeconfig with these contexts, all on the sandbox; the first is the current one.
    function Write-Contexts([string[]] $Names, [string] $User = '{}') {
        $path = Join-Path $TestDrive "$([guid]::NewGuid()).yaml"
        @"
apiVersion: v1
kind: Config
current-context: '$($Names[0])'
clusters: [{ name: c, cluster: { server: '$server', insecure-skip-tls-verify: true } }]
users: [{ name: u, user: $User }]
contexts: [$(($Names | ForEach-Object { "{ name: '$($_ -replace "'", "''")', context: { cluster: c, user: u } }" }) -join ', ')]
"@ | Set-Content $path
        Protect-File $path
        $path
    }
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'Tab on -Id' {
    It 'offers the ids on the cluster' -ForEach 'Get', 'Set', 'Remove' {
        (Complete "$_-K3sBootstrapToken -Id abc").CompletionText | Should -Be 'abcdef', 'abcxyz'
    }

    It 'offers them for the first word, too' {
        (Complete 'Remove-K3sBootstrapToken abcd').CompletionText | Should -Be 'abcdef'
    }

    It 'offers them after others' {
        (Complete 'Remove-K3sBootstrapToken abcdef, abcx').CompletionText | Should -Be 'abcxyz'
    }

    It 'puts those in quotes that PowerShell takes for numbers, and no others' {
        (Complete 'Get-K3sBootstrapToken -Id ').CompletionText | Should -Be "'001234'", "'123e45'", '1abcde', 'abcdef', 'abcxyz'
    }

    It 'keeps the quotes that were typed' {
        (Complete "Get-K3sBootstrapToken 'abcd").CompletionText | Should -Be "'abcdef'"
        (Complete 'Get-K3sBootstrapToken "abcd').CompletionText | Should -Be '"abcdef"'
    }

    It 'says what each is' {
        (Complete 'Get-K3sBootstrapToken abcd').ToolTip | Should -Match '^worker 17 \(TTL \d+y\)$'
        (Complete 'Get-K3sBootstrapToken abcx').ToolTip | Should -Be 'TTL <forever>'
    }

    It 'asks the cluster that the line names' {
        $path = $env:KUBECONFIG
        $env:KUBECONFIG = Join-Path $TestDrive 'none.yaml'
        try {
            (Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Context default -Id abcd").CompletionText | Should -Be 'abcdef'
        }
        finally {
            $env:KUBECONFIG = $path
        }
    }

    It 'takes a relative path from where PowerShell is' {
        Push-Location (Split-Path $env:KUBECONFIG)
        try {
            (Complete 'Get-K3sBootstrapToken -Kubeconfig k3s.yaml -Id abcd').CompletionText | Should -Be 'abcdef'
        }
        finally {
            Pop-Location
        }
    }

    It 'offers no id, and says nothing, where <What>' -ForEach @(
        @{ What = 'there is no kubeconfig'; Line = "Get-K3sBootstrapToken -Kubeconfig '/no/such/file' -Id abc" }
        @{ What = 'there is no such context'; Line = 'Get-K3sBootstrapToken -Context nowhere -Id abc' }
    ) {
        $before = $Error.Count
        (Complete $Line).CompletionText | Where-Object { $_ -like '*abc*' } | Should -BeNullOrEmpty
        $Error.Count | Should -Be $before
    }

    It 'waits no longer than a second or so for a server that does not answer' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $path = Write-Contexts silent
            (Get-Content $path -Raw) -replace [regex]::Escape($server), "https://$($listener.LocalEndpoint)" | Set-Content $path
            # Thirty seconds would be the cmdlet's own patience.
            $took = Measure-Command { $offers = Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Id abc" }
            $took.TotalSeconds | Should -BeLessThan 15
            $offers.CompletionText | Where-Object { $_ -like '*abc*' } | Should -BeNullOrEmpty
        }
        finally {
            $listener.Stop()
        }
    }

    It 'runs no exec plugin' {
        $mark = Join-Path $TestDrive 'was-run'
        $user = "{ exec: { apiVersion: client.authentication.k8s.io/v1, command: touch, args: ['$mark'], interactiveMode: Never } }"
        $path = Write-Contexts plugin -User $user
        Get-K3sBootstrapToken -Kubeconfig $path -WarningAction Ignore -ErrorAction Ignore
        $mark | Should -Exist
        Remove-Item $mark

        $null = Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Id abc"
        $mark | Should -Not -Exist
    }

    It 'shows no escape sequence of a description' {
        New-StoredToken escape @{ description = "red$([char] 27)[31m alert" }
        (Complete 'Get-K3sBootstrapToken escap').ToolTip | Should -Match '^red[^\e]+ alert \(TTL <forever>\)$'
        Get-StoredToken escape | Remove-StoredToken
    }
}

Describe 'Tab on -Context' {
    It 'offers the contexts of the kubeconfig, in quotes where PowerShell needs them' {
        $path = Write-Contexts 'prod', 'lab 1', "bob's", 'stage'
        (Complete "Get-K3sBootstrapToken -Kubeconfig '$path' -Context ").CompletionText | Should -Be 'prod', "'lab 1'", "'bob''s'", 'stage'
    }

    It 'says which is the current one' {
        $path = Write-Contexts 'prod', 'lab'
        (Complete "Remove-K3sBootstrapToken -Kubeconfig '$path' -Context ").ToolTip | Should -Be 'prod (current context)', 'lab'
    }
}

Describe 'Tab on -Server' {
    AfterEach {
        Remove-Item env:K3S_URL -ErrorAction Ignore
    }

    It 'offers the default and the servers of the contexts' {
        (Complete 'Test-K3sToken -Server ').CompletionText | Should -Be 'https://127.0.0.1:6443', $server
    }

    It 'offers what K3S_URL says' {
        $env:K3S_URL = 'https://k3s.example:6443'
        (Complete 'Invoke-K3sTokenRotation -Server https://k3s').CompletionText | Should -Be 'https://k3s.example:6443'
    }

    It 'offers for a node to join only what is not this machine itself' {
        $env:K3S_URL = 'https://k3s.example:6443'
        (Complete 'New-K3sJoinCommand -Server ').CompletionText | Should -Be 'https://k3s.example:6443'
    }

    It 'offers each server once' {
        $env:K3S_URL = $server
        @(Complete 'Get-K3sClusterCA -Server ').CompletionText | Should -Be $server
    }
}

Describe 'Tab on -Groups and -Usages' {
    It 'offers the default group and those in use' {
        (Complete 'New-K3sBootstrapToken -Groups ').CompletionText | Should -Be @(
            'system:bootstrappers:k3s:default-node-token', 'system:bootstrappers:lab')
    }

    It 'offers the default group where there is no cluster' {
        (Complete "New-K3sBootstrapToken -Kubeconfig '/no/such/file' -Groups sys").CompletionText | Should -Be @(
            'system:bootstrappers:k3s:default-node-token')
    }

    It 'offers the usages' {
        (Complete 'Set-K3sBootstrapToken abcdef -Usages ').CompletionText | Should -Be 'authentication', 'signing'
    }
}

Describe 'Tab on a duration' {
    It 'offers usual ones' -ForEach @(
        @{ Line = 'New-K3sBootstrapToken -Ttl '; Expected = '1h', '24h', '7d', '30d', '0' }
        @{ Line = 'Set-K3sBootstrapToken abcdef -TimeToLive '; Expected = '1h', '24h', '7d', '30d', '0' }
        @{ Line = 'Get-K3sBootstrapToken -ExpiringWithin '; Expected = '1h', '24h', '7d' }
        @{ Line = 'Wait-K3sTokenRotation -Timeout '; Expected = '5m', '30m', '2h' }
    ) {
        (Complete $Line).CompletionText | Should -Be $Expected
    }

    It 'puts a unit to a number' {
        (Complete 'New-K3sBootstrapToken -Ttl 36').CompletionText | Should -Be '36m', '36h', '36d'
    }

    It 'offers only what binds' {
        foreach ($offer in (Complete 'New-K3sBootstrapToken -Ttl ').CompletionText) {
            { Invoke-Expression "New-K3sBootstrapToken -WhatIf -Ttl $offer" } | Should -Not -Throw
        }
    }
}
