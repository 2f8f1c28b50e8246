BeforeDiscovery {
    # What K3s makes of each text; a SecureString holds neither nothing nor what is no text.
    $vectors = (Get-Content "$PSScriptRoot/../recorded/tokens/parse.json" -Raw -Encoding utf8 | ConvertFrom-Json).vectors |
        Where-Object { $_.input -and -not $_.input.EndsWith("`n") } |
        ForEach-Object { @{ Id = $_.id; Text = $_.input; Expected = $_.parse } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    $hash = '5386ced363485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b'

    function Get-Text([securestring] $Secret) {
        [Net.NetworkCredential]::new('', $Secret).Password
    }
}

Describe 'ConvertFrom-K3sToken' {
    Context 'the recorded text <Id>' -ForEach $vectors {
        It 'is what K3s makes of it' {
            if ($Expected.error) {
                $failure = Get-Failure { ConvertFrom-K3sToken -Token $Text -AsPlainText }
                $failure.Id | Should -BeExactly 'InvalidTokenFormat'
                $failure.Category | Should -Be 'InvalidArgument'
                $failure.Message | Should -BeLike "$($Expected.error)*"
                $failure.Target | Should -BeNullOrEmpty
                $failure.Output | Should -BeNullOrEmpty
                return
            }

            $token = ConvertFrom-K3sToken -Token $Text -AsPlainText
            $kind = switch -CaseSensitive ($Expected.username) {
                'server' { 'Server' }
                'node' { 'Agent' }
                '' { 'Password' }
                default { 'User' }
            }
            $token.Kind | Should -Be $(if ($Expected.kind -eq 'bootstrap') { 'Bootstrap' } else { $kind })
            $token.Format | Should -Be $(if ($Expected.caHash) { 'Secure' } else { 'Short' })
            $token.CAHash | Should -BeExactly $Expected.caHash
            $token.UserName | Should -BeExactly "$($Expected.username)"
            $token.Id | Should -BeExactly "$($Expected.id)"
            $token.Secret | Should -BeExactly "$($Expected.password)$($Expected.secret)"
            $token.Token | Should -BeExactly $Text
        }
    }

    It 'removes one final line end' {
        (ConvertFrom-K3sToken "K10${hash}::server:password`n" -AsPlainText).Secret | Should -BeExactly 'password'
        (ConvertFrom-K3sToken "K10${hash}::server:password`r`n" -AsPlainText).Secret | Should -BeExactly 'password'
        (ConvertFrom-K3sToken "password`n`n" -AsPlainText).Secret | Should -BeExactly "password`n"
        (ConvertFrom-K3sToken "abcdef.0123456789abcdef`n").Kind | Should -Be 'Bootstrap'
        (ConvertFrom-K3sToken "K10${hash}::server:password`n" -AsPlainText).Token | Should -BeExactly "K10${hash}::server:password"
        (Get-Failure { ConvertFrom-K3sToken "`n" }).Id | Should -BeExactly 'InvalidTokenFormat'
    }

    It 'writes secrets as SecureStrings unless told otherwise' {
        $token = ConvertFrom-K3sToken "K10${hash}::server:password"
        $token | Should -BeOfType ([K3sToken.JoinToken])
        $token.Token, $token.Secret | Should -BeOfType ([securestring])
        Get-Text $token.Token | Should -BeExactly "K10${hash}::server:password"
        Get-Text $token.Secret | Should -BeExactly 'password'
    }

    It 'takes tokens from the pipeline, as text and as SecureStrings' {
        $secure = ConvertTo-SecureString 'password' -AsPlainText -Force
        ('abcdef.0123456789abcdef', 'K10::node:x', $secure | ConvertFrom-K3sToken).Kind | Should -Be 'Bootstrap', 'Agent', 'Password'
    }

    It 'takes objects whose Token is one, before their ShortToken' {
        $object = [pscustomobject]@{ Token = "K10${hash}::abcdef.0123456789abcdef"; ShortToken = 'abcdef.0123456789abcdef' }
        ($object | ConvertFrom-K3sToken).Format | Should -Be 'Secure'
        ($object | Select-Object ShortToken | ConvertFrom-K3sToken).Format | Should -Be 'Short'
        ($object | ConvertFrom-K3sToken | ConvertFrom-K3sToken).CAHash | Should -BeExactly $hash
        ($object | ConvertFrom-K3sToken -AsPlainText | ConvertFrom-K3sToken).CAHash | Should -BeExactly $hash
    }

    It 'takes what looks like a number as it was typed' {
        (ConvertFrom-K3sToken 123456.1234567890123456).Id | Should -BeExactly '123456'
        $failure = Get-Failure { $token = 123456.1234567890123456; ConvertFrom-K3sToken $token }
        $failure.Message | Should -BeLike '*how it was written is lost*'
    }

    It 'refuses nothing, and what is no text: <Name>' -ForEach @(
        @{ Name = '$null'; Run = { ConvertFrom-K3sToken $null } }
        @{ Name = 'an empty text'; Run = { ConvertFrom-K3sToken '' } }
        @{ Name = '$null in a pipeline'; Run = { $null | ConvertFrom-K3sToken } }
        @{ Name = 'an object without a token'; Run = { [pscustomobject]@{ Other = 'secret-password' } | ConvertFrom-K3sToken } }
        @{ Name = 'an object as the parameter'; Run = { ConvertFrom-K3sToken ([pscustomobject]@{ Token = 'secret-password' }) } }
        @{ Name = 'an array as the parameter'; Run = { ConvertFrom-K3sToken @('secret-password', 'secret-password') } }
        @{ Name = 'an array of one as the parameter'; Run = { ConvertFrom-K3sToken @(, 'secret-password') } }
        @{ Name = 'an object whose token is empty'; Run = { [pscustomobject]@{ Token = '' } | ConvertFrom-K3sToken } }
    ) {
        $failure = Get-Failure $Run
        $failure.Output | Should -BeNullOrEmpty
        $failure.Message | Should -Not -BeLike '*secret-password*'
    }

    It 'goes on past a text that is none' {
        $failure = Get-Failure { 'K10x', 'abcdef.0123456789abcdef' | ConvertFrom-K3sToken }
        $failure.Terminating | Should -BeFalse
        $failure.Output.Id | Should -BeExactly 'abcdef'
    }

    It 'shows no secret on the screen, not even as plain text' {
        $shown = ConvertFrom-K3sToken "K10${hash}::server:secret-password" -AsPlainText | Out-String -Width 80
        $shown | Should -Not -BeLike '*secret-password*'
        $shown | Should -BeLike "*$hash*"
        $shown | Should -BeLike '*Server*'
    }
}
