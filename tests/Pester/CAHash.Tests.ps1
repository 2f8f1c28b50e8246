Describe 'The CA hash of a new token' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $sandbox = Start-Sandbox
    }

    AfterAll {
        Stop-Sandbox $sandbox
    }

    It 'is that of the bundle which the server hands out at /cacerts' {
        $token = New-K3sBootstrapToken -AsPlainText

        (Invoke-Api /cacerts).Status | Should -Be 200
        $token.Token | Should -BeExactly "K10$(Get-ExpectedCAHash)::$($token.ShortToken)"
        $token.CAHashSource | Should -Be 'Server'
    }
}
