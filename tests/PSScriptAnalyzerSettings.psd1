# Settings of the scripts here: those of the whole project, without rules that Pester and its idioms break by their nature.
@{
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning')
    ExcludeRules        = @(
        # What BeforeAll sets is used in another block, and what a script block takes in one that it holds.
        'PSUseDeclaredVarsMoreThanAssignments'
        'PSReviewUnusedParameter'
        # Helpers change sandboxes only, and name what they return.
        'PSUseShouldProcessForStateChangingFunctions'
        'PSUseSingularNouns'
        'PSAvoidOverwritingBuiltInCmdlets'
        # Tokens of sandboxes are no secrets, and how people hand them over is what the suites try.
        'PSAvoidUsingConvertToSecureStringWithPlainText'
        'PSAvoidUsingPlainTextForPassword'
        'PSAvoidUsingInvokeExpression'
        'PSAvoidUsingEmptyCatchBlock'
        # .editorconfig asks for UTF-8 without a mark.
        'PSUseBOMForUnicodeEncodedFile'
    )
    Rules               = @{
        PSUseCompatibleSyntax = @{ Enable = $true; TargetVersions = @('5.1', '7.4') }
    }
}
