BeforeDiscovery {
    $views = Get-ChildItem "$PSScriptRoot/../../src/K3sToken.PowerShell/K3sToken.format.ps1xml" | Select-Xml '//View' | ForEach-Object {
        @{
            Type   = $_.Node.ViewSelectedBy.TypeName
            Shape  = $_.Node.SelectSingleNode('*[contains(name(), "Control")]').Name -replace 'Control'
            Values = @($_.Node.SelectNodes('.//PropertyName').InnerText)
            Labels = @($_.Node.SelectNodes('.//TableColumnHeader/Label | .//ListItem/Label | .//ListItem/PropertyName').InnerText)
        }
    }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
    New-StoredToken aaaaaa @{ description = 'worker 17'; expiration = '2999-12-31T23:59:59Z' }
    New-StoredToken expire @{ expiration = '2001-02-03T04:05:06Z' }
    New-StoredToken broken @{ description = 'old'; 'token-secret' = 'short' }
    $escape = [char] 27
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'

    # What a console of 80 columns shows.
    function Show([Parameter(ValueFromPipeline)] $Item) {
        end {
            @($input) | Out-String -Width 80
        }
    }
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    Stop-Sandbox $sandbox
}

Describe 'The <Shape> view of <Type>' -ForEach $views {
    It 'shows properties only, by their names' {
        $type = [type] $Type
        $names = @($type.GetProperties().Name) + @($type.BaseType.GetProperties().Name)
        $Labels | Where-Object { $_ -notin $names } | Should -BeNullOrEmpty
    }

    It 'shows no value that can be a secret' {
        $Values | Should -Not -Match '^(Token|ShortToken|NewToken|NewShortToken|Secret)$'
    }
}

Describe 'A list of bootstrap tokens' {
    It 'is a table of id, time to live, expiry, usages, description and groups' {
        (Get-K3sBootstrapToken aaaaaa | Show) -split '\r?\n' | Should -Contain (
            'Id     TTL       Expires          Usages                 Description Groups')
    }

    It 'gives each token one line' {
        @((Get-K3sBootstrapToken | Show) -split '\r?\n' -cmatch '^(aaaaaa|broken|expire) ').Count | Should -Be 3
    }

    It 'says which cluster each token is of' {
        $server = Get-KubeconfigValue server
        Get-K3sBootstrapToken | Show | Should -Match "Context: default \($([regex]::Escape($server))\)"
    }

    It 'names what is wrong with a token that is not just expired, in place of its groups' {
        Get-K3sBootstrapToken broken | Show | Should -Match '(?m) old +<SecretMal\S+\s*$'
        Get-K3sBootstrapToken expire | Show | Should -Not -Match '<Expired'
        Get-K3sBootstrapToken expire | Show | Should -Match '<invalid>'
    }

    It 'has no colours where the console is to have none' {
        Get-K3sBootstrapToken | Show | Should -Not -Match $escape
    }

    It 'shows an expired and a broken token in the colour of errors' {
        $PSStyle.OutputRendering = 'Ansi'
        try {
            $lines = (Get-K3sBootstrapToken | Show) -split '\r?\n'
        }
        finally {
            $PSStyle.OutputRendering = 'PlainText'
        }

        $red = [regex]::Escape($PSStyle.Formatting.Error)
        $lines -cmatch 'expire' | Should -Match "$red<invalid>"
        $lines -cmatch 'broken' | Should -Match "${red}broken"
        $lines -cmatch 'aaaaaa' | Should -Not -Match $red
    }

    It 'can be sorted by the column it shows' {
        (Get-K3sBootstrapToken | Where-Object TTL | Sort-Object TTL -Descending).Id | Should -Be 'aaaaaa', 'expire'
    }

    It 'shows everything but secrets as a list' {
        $list = Get-K3sBootstrapToken broken -AsPlainText | Format-List | Show
        $list | Should -Match 'Problems +: SecretM'
        $list | Should -Match 'Kubeconfig +: '
        $list | Should -Not -Match 'short'
    }

    It 'shows ids alone as a wide list' {
        (Get-K3sBootstrapToken | Format-Wide | Show).Trim() -split '\s+' | Should -Be 'aaaaaa', 'broken', 'expire'
    }
}

Describe 'A new token' {
    It 'says as a list which secrets it has, and shows none' {
        $list = New-K3sBootstrapToken | Format-List | Show
        $list | Should -Match '(?m)^Token +: \(a SecureString\)\r?$'
        $list | Should -Match 'CAHashSource +: Server'
    }
}

Describe 'A cluster CA' {
    It 'shows its hash in one line, to be copied' {
        $ca = Get-K3sClusterCA -Server (Get-KubeconfigValue server) -WarningAction Ignore
        $shown = $ca | Show
        $shown | Should -Match "(?m)^Hash +: $($ca.Hash)\r?$"
        $shown | Should -Match 'https://127.0.0.1:\d+, not trusted by this machine'
    }
}

Describe 'A view that was not asked for secrets' {
    It 'shows none of a new token' {
        $token = New-K3sBootstrapToken -AsPlainText
        foreach ($text in ($token | Show), ($token | Format-List | Show), ($token | Format-Wide | Show)) {
            $text | Should -Not -Match ($token.ShortToken -split '\.')[1]
        }
    }

    It 'shows none of a join token' {
        $token = ConvertFrom-K3sToken "K10$('a' * 64)::server:swordfish" -AsPlainText
        foreach ($text in ($token | Show), ($token | Format-Table | Show)) {
            $text | Should -Not -Match swordfish
        }
    }
}

Describe 'A test of a token on several servers' {
    It 'is a table, with the whole reason where it failed' {
        $shown = Test-K3sToken 'swordfish' -Server 127.0.0.1:1 -WarningAction Ignore -ErrorAction Ignore | Show
        $shown | Should -Match 'Server +Succeeded +Kind +Reason'
        $shown | Should -Match 'False'
        $shown -replace '\s' | Should -Match 'refused'
    }

    It 'shows the steps a line each as a list' {
        $shown = Test-K3sToken 'swordfish' -Server 127.0.0.1:1 -WarningAction Ignore -ErrorAction Ignore | Format-List | Show
        $shown | Should -Match '(?m)^ +Credentials: '
    }
}
