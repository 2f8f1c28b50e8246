# For Invoke-ScriptAnalyzer -Settings, and for editors. The scripts in tests have settings of their own.
@{
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning')
    ExcludeRules        = @(
        # Helpers in a script are not for people to call: the script itself asks.
        'PSUseShouldProcessForStateChangingFunctions'
        # It does not see what functions and script blocks use.
        'PSReviewUnusedParameter'
    )
    Rules               = @{
        # Windows PowerShell must be able to read every script.
        PSUseCompatibleSyntax     = @{ Enable = $true; TargetVersions = @('5.1', '7.4') }
        PSAvoidLongLines          = @{ Enable = $true; MaximumLineLength = 140 }
        PSPlaceOpenBrace          = @{ Enable = $true; OnSameLine = $true; NewLineAfter = $true; IgnoreOneLineBlock = $true }
        PSPlaceCloseBrace         = @{ Enable = $true; NewLineAfter = $true; IgnoreOneLineBlock = $true; NoEmptyLineBefore = $true }
        PSUseCorrectCasing        = @{ Enable = $true }
        PSAvoidTrailingWhitespace = @{ Enable = $true }
    }
}
