@{
    RootModule             = "bin/$PSEdition/K3sToken.PowerShell.dll"
    ModuleVersion          = '0.1.0'
    GUID                   = '6a4f6c1e-0f0a-4d0e-9c39-6f2c8d1b7e55'
    Author                 = 'The K3sToken authors'
    CompanyName            = 'The K3sToken authors'
    Copyright              = '(c) The K3sToken authors. MIT licensed.'
    Description            = 'Lists, creates, changes, verifies, revokes and rotates the tokens of K3s clusters, from any machine.'
    CompatiblePSEditions   = @('Desktop', 'Core')
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess       = @('K3sToken.format.ps1xml')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'ConvertFrom-K3sToken'
        'ConvertTo-K3sToken'
        'Get-K3sBootstrapToken'
        'Get-K3sClusterCA'
        'Get-K3sServerToken'
        'Get-K3sTokenRotation'
        'Invoke-K3sTokenRotation'
        'New-K3sBootstrapToken'
        'New-K3sJoinCommand'
        'New-K3sTokenValue'
        'Remove-K3sBootstrapToken'
        'Set-K3sBootstrapToken'
        'Test-K3sToken'
        'Wait-K3sTokenRotation'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = @(
                'K3s'
                'Kubernetes'
                'Token'
                'Bootstrap'
                'Cluster'
                'Security'
                'PSEdition_Desktop'
                'PSEdition_Core'
                'Windows'
                'Linux'
                'MacOS'
            )
            LicenseUri   = 'https://github.com/k3stoken/k3stoken/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/k3stoken/k3stoken'
            # The package has what CHANGELOG.md says of its version in place of the link.
            ReleaseNotes = 'https://github.com/k3stoken/k3stoken/blob/main/CHANGELOG.md'
        }
    }
}
