BeforeAll {
    . $PSScriptRoot/Common.ps1
    $module = Get-Module K3sToken
}

Describe 'The staged module' {
    It 'is imported from the folder of its version' {
        Split-Path $module.ModuleBase -Leaf | Should -Be $module.Version
    }

    It 'has a manifest that passes Test-ModuleManifest' {
        (Test-ModuleManifest (Join-Path $module.ModuleBase 'K3sToken.psd1')).Name | Should -Be 'K3sToken'
    }

    It 'exports the cmdlets that its manifest promises, and nothing else' {
        $promised = (Test-ModuleManifest (Join-Path $module.ModuleBase 'K3sToken.psd1')).ExportedCommands.Keys | Sort-Object
        $promised | Should -Not -BeNullOrEmpty
        $module.ExportedCommands.Keys | Sort-Object | Should -Be $promised
        $module.ExportedCommands.Values.CommandType | Select-Object -Unique | Should -Be 'Cmdlet'
    }

    It 'lets scripts name the type of what it lists' {
        [K3sToken.BootstrapToken].Assembly.GetName().Name | Should -Be 'K3sToken.Core'
    }
}
