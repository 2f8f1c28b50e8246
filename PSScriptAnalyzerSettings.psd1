# For Invoke-ScriptAnalyzer -Settings, and for editors. The suites have settings of their own in tests.
@{
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning', 'Information')
    Rules               = @{
        # Windows PowerShell must be able to read every script.
        PSUseCompatibleSyntax      = @{ Enable = $true; TargetVersions = @('5.1', '7.4') }
        PSAvoidLongLines           = @{ Enable = $true; MaximumLineLength = 140 }
        PSPlaceOpenBrace           = @{ Enable = $true; OnSameLine = $true; NewLineAfter = $true; IgnoreOneLineBlock = $true }
        PSPlaceCloseBrace          = @{ Enable = $true; NewLineAfter = $true; IgnoreOneLineBlock = $true; NoEmptyLineBefore = $true }
        PSUseCorrectCasing         = @{ Enable = $true }
        PSAvoidTrailingWhitespace  = @{ Enable = $true }
    }
}
