# How a command failed, and whether the server noticed.

# Runs a command, which sees the variables here as well: what it wrote, its errors, the first of them in detail, and whether the command
# ended with it.
function Get-Failure([scriptblock] $Failing) {
    $ErrorActionPreference = 'Continue'
    $said = [Collections.Generic.List[object]]::new()
    $ending = $null
    try {
        & $Failing 2>&1 | ForEach-Object { $said.Add($_) }
    }
    catch {
        $ending = $_
    }

    $errors = @($said | Where-Object { $_ -is [Management.Automation.ErrorRecord] }) + @($ending | Where-Object { $_ })
    if ($errors.Count -eq 0) {
        throw "This did not fail: $Failing"
    }

    [pscustomobject]@{
        Id          = $errors[0].FullyQualifiedErrorId.Split(',')[0]
        Category    = $errors[0].CategoryInfo.Category
        Target      = $errors[0].TargetObject
        Message     = $errors[0].Exception.Message
        Terminating = $null -ne $ending
        Errors      = $errors
        Output      = @($said | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] })
    }
}

# Each change of any Secret on the server makes another.
function Get-Revision {
    (Invoke-Api "$SecretsPath`?limit=1").Body.metadata.resourceVersion
}
