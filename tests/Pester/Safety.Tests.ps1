# What could reach the wrong token, or make one that nobody wanted.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    $other = Start-Sandbox --cleaner, off
    $sandbox = Start-Sandbox --cleaner, off
}

AfterAll {
    Stop-Sandbox $sandbox
    Stop-Sandbox $other
}

Describe '<verb>' -ForEach @(
    @{ verb = 'Remove-K3sBootstrapToken'; change = @{} }
    @{ verb = 'Set-K3sBootstrapToken'; change = @{ Description = 'changed' } }
) {
    BeforeEach {
        $env:KUBECONFIG = $other.Kubeconfig
        Remove-StoredToken
        New-StoredToken 'aaaaaa'
        $token = Get-K3sBootstrapToken -Id 'aaaaaa'
        $env:KUBECONFIG = $sandbox.Kubeconfig
        Remove-StoredToken
        New-StoredToken 'aaaaaa'
    }

    It 'refuses the object of a cluster as an argument, since nothing of the cluster comes along' {
        & $verb -Id $token @change -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'InvalidTokenFormat,*'
        "$failed" | Should -BeLike '*Pipe it in*'
        (Get-StoredToken 'aaaaaa').Data['description'] | Should -BeNullOrEmpty
        @(Get-StoredToken).Count | Should -Be 1
    }

    It 'finds the right cluster through the pipeline' {
        $token | & $verb @change
        (Get-StoredToken 'aaaaaa').Data['description'] | Should -BeNullOrEmpty
        @(Get-StoredToken).Count | Should -Be 1
        $env:KUBECONFIG = $other.Kubeconfig
        @(Get-StoredToken | Where-Object { $_.Data['description'] -ne 'changed' }) | Should -BeNullOrEmpty
    }

    It 'does not take -<name> <what> for the default cluster' -ForEach @(
        @{ name = 'Kubeconfig'; what = '$null'; value = $null }
        @{ name = 'Kubeconfig'; what = "''"; value = '' }
        @{ name = 'Context'; what = '$null'; value = $null }
        @{ name = 'Context'; what = "''"; value = '' }
    ) {
        $cluster = @{ $name = $value }
        { & $verb -Id 'aaaaaa' @change @cluster } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        @(Get-StoredToken).Count | Should -Be 1
    }

    It 'does not take an object whose SecretName <what>' -ForEach @(
        @{ what = 'is of another token'; secretName = 'bootstrap-token-aaaaaa' }
        @{ what = 'is no name of a Secret'; secretName = "bootstrap-token-zzzzzz$([char] 27)]0;title" }
    ) {
        $odd = [pscustomobject]@{ Id = 'zzzzzz'; SecretName = $secretName; Server = $token.Server; Kubeconfig = $token.Kubeconfig }
        $said = $odd | & $verb @change -WhatIf -ErrorVariable failed -ErrorAction SilentlyContinue
        $said | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'ConflictingChange,*'
        "$failed" | Should -BeLike '*SecretName: it is none that a listing wrote*'
        "$failed" | Should -Not -Match ([char] 27)
    }

    It 'does not take a typed -InputObject' {
        { & $verb -Id 'aaaaaa' -InputObject $token @change } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe 'Remove-K3sBootstrapToken, of an id given by hand' {
    It 'leaves a Secret of another type alone' {
        $answer = Invoke-Api $SecretsPath Post @{ apiVersion = 'v1'; kind = 'Secret'; type = 'Opaque'; metadata = @{ name = 'bootstrap-token-zzzzzz' } }
        $answer.Status | Should -Be 201
        Remove-K3sBootstrapToken 'zzzzzz' -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'TokenNotFound,*'
        (Invoke-Api "$SecretsPath/bootstrap-token-zzzzzz").Status | Should -Be 200
    }
}

Describe 'New-K3sBootstrapToken, of a token that has expired' {
    It 'does not make one that never expires' {
        New-StoredToken 'eeeeee' @{ expiration = '2020-01-01T00:00:00Z' }
        Get-K3sBootstrapToken 'eeeeee' | New-K3sBootstrapToken -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed | Should -Not -BeNullOrEmpty
    }

    It 'does not, either, where the token went through <File>' -ForEach @(
        @{ File = 'CSV'; Read = { $_ | Select-Object Description, TimeToLive | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ File = 'JSON'; Read = { $_ | Select-Object Description, TimeToLive | ConvertTo-Json | ConvertFrom-Json } }
    ) {
        $file = Get-K3sBootstrapToken 'eeeeee' | ForEach-Object $Read
        $file | New-K3sBootstrapToken -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed | Should -Not -BeNullOrEmpty
    }
}

Describe 'Remove- and Set-K3sBootstrapToken, of an object from a file' {
    It 'look at its server, also where a text is one that Get-Content read' {
        New-StoredToken 'ffffff'
        $file = (New-Item (Join-Path (Get-Item TestDrive:/).FullName server) -Value 'https://other:6443').FullName
        $object = Get-K3sBootstrapToken 'ffffff' | Select-Object Id, SecretName, @{ Name = 'Server'; Expression = { Get-Content $file } }
        $object | Remove-K3sBootstrapToken -ErrorVariable failed -ErrorAction SilentlyContinue
        $object | Set-K3sBootstrapToken -Description x -ErrorVariable +failed -ErrorAction SilentlyContinue
        @($failed.FullyQualifiedErrorId -replace ',.*') | Should -Be 'ConflictingChange', 'ConflictingChange'
    }

    It 'send nothing for a name that would be another path: <_>' -ForEach '.', '..' {
        $object = [pscustomobject]@{ Id = $_; SecretName = $_; Server = (Get-K3sBootstrapToken 'ffffff').Server }
        $said = $object | Remove-K3sBootstrapToken -Verbose 4>&1 -ErrorVariable failed -ErrorAction SilentlyContinue
        $said | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'ConflictingChange,*'
    }
}

Describe 'Get-K3sBootstrapToken, of a cluster that cannot be read' {
    It 'does not say that an id is not there' {
        $dead = (Get-Content $env:KUBECONFIG -Raw) -replace 'server: \S+', 'server: https://127.0.0.1:1'
        $path = Join-Path (Get-Item TestDrive:/).FullName dead.yaml
        Set-Content $path $dead
        Get-K3sBootstrapToken 'a*', 'yyyyyy' -Kubeconfig $path -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed.FullyQualifiedErrorId -replace ',.*') | Should -Be 'ClusterUnreachable'
    }
}
