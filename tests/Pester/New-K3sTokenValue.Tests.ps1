BeforeAll {
    . $PSScriptRoot/Common.ps1
}

Describe 'New-K3sTokenValue' {
    It 'makes a bootstrap token' {
        New-K3sTokenValue -AsPlainText | Should -MatchExactly '\A[a-z0-9]{6}\.[a-z0-9]{16}\z'
        New-K3sTokenValue -Kind Bootstrap -AsPlainText | Should -MatchExactly '\A[a-z0-9]{6}\.[a-z0-9]{16}\z'
    }

    It 'makes the password of a server token' {
        New-K3sTokenValue Server -AsPlainText | Should -MatchExactly '\A[a-z0-9]{32,}\z'
    }

    It 'writes a SecureString' {
        $value = New-K3sTokenValue
        $value | Should -BeOfType ([securestring])
        [Net.NetworkCredential]::new('', $value).Password | Should -MatchExactly '\A[a-z0-9]{6}\.[a-z0-9]{16}\z'
    }

    It 'makes so many, all different' {
        $values = New-K3sTokenValue -Count 500 -AsPlainText
        $values | Should -HaveCount 500
        $values | Select-Object -Unique | Should -HaveCount 500
    }

    It 'uses every letter and digit' {
        ((New-K3sTokenValue -Count 200 -AsPlainText) -join '').ToCharArray() | Sort-Object -Unique | Should -HaveCount 37
    }

    It 'works without any cluster' {
        $env:KUBECONFIG | Should -Not -Exist
        New-K3sTokenValue | Should -HaveCount 1
    }

    It 'stops where the pipeline has enough' {
        New-K3sTokenValue -Count ([int]::MaxValue) -AsPlainText | Select-Object -First 2 | Should -HaveCount 2
    }

    It 'refuses <Value> as the number of values' -ForEach @(@{ Value = 0 }, @{ Value = -1 }, @{ Value = 'many' }) {
        { New-K3sTokenValue -Count $Value } | Should -Throw
    }

    It 'refuses a kind that is none' {
        { New-K3sTokenValue -Kind Agent } | Should -Throw -ErrorId 'CannotConvertArgumentNoMessage,*'
    }
}
