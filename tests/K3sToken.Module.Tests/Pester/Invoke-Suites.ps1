# Runs Pester suites and writes what became of each test to a JSON file: { "Host": ..., "Skip": reason or null, "Tests": [...] }.
param(
    [Parameter(Mandatory)]
    [string] $Suites, # file names, joined with the platform's path separator

    [Parameter(Mandatory)]
    [string] $Output
)

$ErrorActionPreference = 'Stop'

function Write-Report([string] $Skip, [object[]] $Tests = @()) {
    $report = @{ Host = "PowerShell $($PSVersionTable.PSVersion)"; Skip = $Skip; Tests = $Tests }
    # Windows PowerShell's Set-Content has no UTF-8 without a byte order mark.
    [IO.File]::WriteAllText($Output, (ConvertTo-Json -InputObject $report -Depth 4))
}

function Get-Row([string] $Suite, [string] $Name, [string] $Result, $ErrorRecord) {
    $text = @($ErrorRecord | Where-Object { $_ } | ForEach-Object { "$($_.DisplayErrorMessage)`n$($_.DisplayStackTrace)" }) -join "`n`n"
    if ($Result -eq 'Skipped') {
        $text = ($text -replace '(?s)^.*is skipped, because |\s*$', '')
    }
    @{ Suite = [IO.Path]::GetFileName($Suite); Name = $Name; Result = $Result; Text = $text }
}

if ($PSVersionTable.PSEdition -eq 'Core' -and $PSVersionTable.PSVersion -lt [version] '7.4') {
    Write-Report -Skip "PowerShell $($PSVersionTable.PSVersion) is too old: the module takes 7.4 or later, or Windows PowerShell 5.1."
    return
}

if (-not (Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 })) {
    Write-Report -Skip 'Pester 5 was not found. Install-Module Pester -MaximumVersion 5.99.99 -Scope CurrentUser -SkipPublisherCheck brings it.'
    return
}

Import-Module Pester -MinimumVersion 5.0 -MaximumVersion 5.99.99

$run = Invoke-Pester -Configuration @{
    Run    = @{ Path = $Suites.Split([IO.Path]::PathSeparator); PassThru = $true }
    Output = @{ Verbosity = 'Detailed'; RenderMode = 'Plaintext' }
}

$rows = @(
    foreach ($test in $run.Tests) {
        Get-Row $test.Block.BlockContainer.Item $test.ExpandedPath $test.Result $test.ErrorRecord
    }
    # A suite that cannot be read, and an AfterAll that fails, have no test of their own that shows it.
    foreach ($container in $run.FailedContainers) {
        Get-Row $container.Item '(the suite itself)' 'Failed' $container.ErrorRecord
    }
    foreach ($block in $run.FailedBlocks) {
        Get-Row $block.BlockContainer.Item "$($block.ExpandedPath) (set-up or clean-up)" 'Failed' $block.ErrorRecord
    }
)
Write-Report -Tests $rows
